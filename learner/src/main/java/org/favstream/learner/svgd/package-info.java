/**
 * The mathematics of an update: from particles, reference samples and reward gradients to the
 * velocity that each particle is moved by.
 *
 * <p>In flows a {@link org.favstream.learner.svgd.ParticleBlock} and {@link
 * org.favstream.learner.svgd.VelocitySettings}; out of {@link
 * org.favstream.learner.svgd.SteinVelocity} flow the velocities {@code φ} to which the generator is
 * regressed ({@code x + φ}). For each context by itself:
 *
 * <ol>
 *   <li>prior score, by kernel density estimate: {@code ∇ log p̂(x) = Σ_t (2/σ_t) Σ_k w_tk (y_k -
 *       x)}, with {@code w} the softmax of {@code -‖x - y_k‖²/σ_t} over all scales t and references
 *       k;
 *   <li>total score {@code s = ∇ log p̂ + β ∇r};
 *   <li>Stein velocity {@code φ_i = (1/n) Σ_j [k(x_j, x_i) s_j + ∇_{x_j} k(x_j, x_i)]}, {@code k(x,
 *       x') = Σ_t exp(-‖x - x'‖²/σ'_t)}.
 *   <li>what FAV has not: {@code φ_i / ρ_i^a}, {@code ρ_i = (1/n) max(1, Σ_j k(x_j, x_i))}, and
 *       both sums without {@code j = i}. {@code φ} is about {@code ρ (s - ∇ log ρ)}, so with {@code
 *       a = 0} rare particles, as those between two modes, hardly count in a regression; with
 *       {@code a = 1} it is the mean of {@code s} over a particle's neighbours less the gradient of
 *       the density's logarithm: the velocity of the Wasserstein gradient flow, smoothed (Liu and
 *       others 2019, arXiv 1807.01750).
 * </ol>
 *
 * <p>Source: "Aligning Few-Step Generative Models by Amortizing Sample-based Variational Inference"
 * (arXiv 2605.26552); SVGD is Liu and Wang, 2016 (arXiv 1608.04471). Plain Java: this is the one
 * implementation, also where a generator runs on a GPU, as the particles are few numbers. It needs
 * the JVM's option {@code --add-modules=jdk.incubator.vector}.
 */
@NullMarked
package org.favstream.learner.svgd;

import org.jspecify.annotations.NullMarked;
