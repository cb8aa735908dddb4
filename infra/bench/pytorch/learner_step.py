#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Times one learner step in eager PyTorch on the CPU: the figure that favstream's own step is held to.

The step: draw noise and references, generate (MLP 2 -> 3 x 256 SiLU -> 2, 2048 particles), Stein
velocity against 2048 references in 2 dimensions (reward gradients are given), fixed-point
regression, Adam. It is written several ways, from the formulas as they stand to everything that
could be found to make PyTorch fast, and each is timed:

velocity   plain     distances by broadcast differences, softmax, exp; every result a new tensor
           product   distances and the repulsion by matrix products, as one would write it for speed;
                     signs and scales in their factors
           whole     logits by one product of augmented factors (no squared norm of the particle in
                     the softmax: it cancels), both sums of the Stein velocity by one product,
                     outputs preallocated
           blocked   as whole, but by blocks of rows that stay in the L2 cache, and each kernel
                     between two particles once, as it is symmetric
generator  autograd  nn.Sequential, torch.optim.Adam; the loss's gradient -2/(nd) velocity is handed
                     to backward(), so no loss is computed
           manual    forward and backward written out, outputs preallocated, Adam on one flat vector

Denormals are flushed to zero in all of them. Each velocity is checked against the formulas in
float64 before it is timed. Times are CPU time of the process, the median of all steps.

    apt-get install python3-torch libopenblas0-pthread
    infra/bench/pytorch/learner_step.py
    infra/bench/pytorch/learner_step.sh      # with each BLAS kernel and allocator

Tested with torch 1.13.1 of Debian 12.
"""
import argparse
import json
import math
import os
import statistics
import time

# Before torch loads its BLAS.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import torch  # noqa: E402

PARTICLES = 2048
REFERENCES = 2048
DIMENSIONS = 2
WIDTH = 256
POOL = 200_000
SIGMA = 0.05
BETA = 1.0
LEARNING_RATE = 1e-4
BETAS = (0.9, 0.999)
EPS = 1e-8


def plain_velocity(x, y, reward_gradients):
    """The formulas as one writes them down."""
    logits = -(x[:, None] - y[None]).square().sum(-1) / SIGMA
    weights = torch.softmax(logits, 1)
    scores = 2 / SIGMA * (weights @ y - x) + BETA * reward_gradients
    difference = x[:, None] - x[None]
    kernel = torch.exp(-difference.square().sum(-1) / SIGMA)
    repulsion = 2 / SIGMA * (kernel[..., None] * difference).sum(1)
    return (kernel @ scores + repulsion) / len(x)


def product_velocity(x, y, reward_gradients):
    """The same by matrix products; signs and scales go into their factors, not over the matrices."""
    u, w = x / math.sqrt(SIGMA), y / math.sqrt(SIGMA)
    norms = u.square().sum(1, keepdim=True)
    logits = torch.addmm(-w.square().sum(1), 2 * u, w.t()) - norms
    scores = 2 / SIGMA * (torch.softmax(logits, 1) @ y - x) + BETA * reward_gradients
    kernel = torch.exp(torch.addmm(-norms.t(), 2 * u, u.t()) - norms)
    repulsion = 2 / SIGMA * (kernel.sum(1, keepdim=True) * x - kernel @ x)
    return (kernel @ scores + repulsion) / len(x)


class BlockedVelocity:
    """By matrix products, a block of rows after the other, into preallocated tensors."""

    def __init__(self, rows):
        self.rows = rows
        self.logits = torch.empty(rows, REFERENCES)
        self.weights = torch.empty(rows, REFERENCES)
        self.kernel = torch.empty(rows * PARTICLES)
        self.left = torch.ones(PARTICLES, DIMENSIONS + 2)
        self.of_references = torch.empty(DIMENSIONS + 1, REFERENCES)
        self.of_particles = torch.empty(DIMENSIONS + 2, PARTICLES)
        self.moved = torch.ones(PARTICLES, DIMENSIONS + 1)
        self.scores = torch.empty(PARTICLES, DIMENSIONS)
        self.sums = torch.empty(PARTICLES, DIMENSIONS + 1)
        self.velocity = torch.empty(PARTICLES, DIMENSIONS)

    def __call__(self, x, y, reward_gradients):
        d = DIMENSIONS
        slope = 2 / SIGMA
        # -|x - y|^2 / sigma = [x, 1, -|x|^2/sigma] . [2y/sigma, -|y|^2/sigma, 1]; in a softmax over
        # y the last term cancels.
        self.left[:, :d] = x
        torch.mul(x.square().sum(1), -1 / SIGMA, out=self.left[:, d + 1])
        torch.mul(y.t(), slope, out=self.of_references[:d])
        torch.mul(y.square().sum(1), -1 / SIGMA, out=self.of_references[d])
        torch.mul(x.t(), slope, out=self.of_particles[:d])
        self.of_particles[d] = self.left[:, d + 1]
        self.of_particles[d + 1] = 1

        for rows in self.blocks():
            torch.mm(self.left[rows, : d + 1], self.of_references, out=self.logits)
            torch._softmax(self.logits, 1, False, out=self.weights)
            torch.mm(self.weights, y, out=self.scores[rows])
        self.scores.sub_(x).mul_(slope).add_(reward_gradients, alpha=BETA)

        # sum_j k (s_j + slope (x_i - x_j)) = (k @ [s - slope x, 1]) . [1, slope x_i]
        torch.sub(self.scores, x, alpha=slope, out=self.moved[:, :d])
        self.sums.zero_()
        for rows in self.blocks():
            end, count = rows.stop, PARTICLES - rows.start
            kernel = self.kernel[: self.rows * count].view(self.rows, count)
            torch.mm(self.left[rows], self.of_particles[:, rows.start :], out=kernel)
            kernel.exp_()
            self.sums[rows].addmm_(kernel, self.moved[rows.start :])
            self.sums[end:].addmm_(kernel[:, self.rows :].t(), self.moved[rows])
        torch.addcmul(self.sums[:, :d], x, self.sums[:, d:], value=slope, out=self.velocity)
        return self.velocity.div_(PARTICLES)

    def blocks(self):
        return [slice(i, i + self.rows) for i in range(0, PARTICLES, self.rows)]


class AutogradGenerator:
    """The generator and its regression, by autograd and torch.optim."""

    def __init__(self):
        layers = [torch.nn.Linear(DIMENSIONS, WIDTH)]
        for _ in range(2):
            layers += [torch.nn.SiLU(), torch.nn.Linear(WIDTH, WIDTH)]
        layers += [torch.nn.SiLU(), torch.nn.Linear(WIDTH, DIMENSIONS)]
        self.network = torch.nn.Sequential(*layers)
        self.optimizer = torch.optim.Adam(
            self.network.parameters(), lr=LEARNING_RATE, betas=BETAS, eps=EPS, foreach=True
        )

    def generate(self, noise):
        self.output = self.network(noise)
        return self.output.detach()

    def regress(self, velocity):
        """One optimiser step on mean |G(z) - (x + velocity)|^2 over particles and dimensions."""
        self.optimizer.zero_grad(set_to_none=True)
        self.output.backward(velocity * (-2 / velocity.numel()))
        self.optimizer.step()


class ManualGenerator:
    """The same by hand: no graph, no allocation, one flat vector of parameters."""

    def __init__(self):
        sizes = [DIMENSIONS, WIDTH, WIDTH, WIDTH, DIMENSIONS]
        shapes = []
        for inputs, outputs in zip(sizes, sizes[1:]):
            shapes += [(inputs, outputs), (outputs,)]
        count = sum(math.prod(shape) for shape in shapes)
        self.flat = torch.empty(count)
        self.gradient = torch.empty(count)
        self.first, self.second = torch.zeros(count), torch.zeros(count)
        self.scratch = torch.empty(count)
        self.parameters, self.gradients, at = [], [], 0
        for shape in shapes:
            end = at + math.prod(shape)
            self.parameters.append(self.flat[at:end].view(shape))
            self.gradients.append(self.gradient[at:end].view(shape))
            at = end
        for weight, bias in zip(self.parameters[::2], self.parameters[1::2]):
            bound = 1 / math.sqrt(len(weight))
            weight.uniform_(-bound, bound)
            bias.uniform_(-bound, bound)
        self.before = [torch.empty(PARTICLES, size) for size in sizes[1:]]
        self.after = [torch.empty(PARTICLES, size) for size in sizes[1:-1]]
        self.upstream = [torch.empty(PARTICLES, size) for size in sizes[1:]]
        self.steps = 0

    def generate(self, noise):
        self.inputs = [noise] + self.after
        for i, before in enumerate(self.before):
            weight, bias = self.parameters[2 * i : 2 * i + 2]
            torch.addmm(bias, self.inputs[i], weight, out=before)
            if i < len(self.after):
                torch.ops.aten.silu.out(before, out=self.after[i])
        return self.before[-1]

    def regress(self, velocity):
        torch.mul(velocity, -2 / velocity.numel(), out=self.upstream[-1])
        for i in reversed(range(len(self.before))):
            weight, _ = self.parameters[2 * i : 2 * i + 2]
            torch.mm(self.inputs[i].t(), self.upstream[i], out=self.gradients[2 * i])
            torch.sum(self.upstream[i], 0, out=self.gradients[2 * i + 1])
            if i > 0:
                below = self.upstream[i - 1]
                torch.mm(self.upstream[i], weight.t(), out=below)
                torch.ops.aten.silu_backward.grad_input(
                    below, self.before[i - 1], grad_input=below
                )
        self.adam()

    def adam(self):
        self.steps += 1
        first, second = BETAS
        self.first.lerp_(self.gradient, 1 - first)
        self.second.mul_(second).addcmul_(self.gradient, self.gradient, value=1 - second)
        torch.sqrt(self.second, out=self.scratch)
        self.scratch.div_(math.sqrt(1 - second**self.steps)).add_(EPS)
        rate = LEARNING_RATE / (1 - first**self.steps)
        self.flat.addcdiv_(self.first, self.scratch, value=-rate)


VELOCITIES = {
    "plain": lambda: plain_velocity,
    "product": lambda: product_velocity,
    "whole": lambda: BlockedVelocity(PARTICLES),
    "blocked": lambda: BlockedVelocity(128),
}
GENERATORS = {"autograd": AutogradGenerator, "manual": ManualGenerator}


def eight_gaussians(count, generator):
    """The toy's data: modes on a circle of radius 4, deviation 0.5, all divided by sqrt(2)."""
    mode = torch.randint(8, (count,), generator=generator) * (math.pi / 4)
    centre = 4 * torch.stack([mode.cos(), mode.sin()], 1)
    return (centre + 0.5 * torch.randn(count, DIMENSIONS, generator=generator)) / math.sqrt(2)


def velocity_error(velocity, seed=1):
    """The largest |error| / max(1, |v|) against the formulas in float64."""
    generator = torch.Generator().manual_seed(seed)
    x = eight_gaussians(PARTICLES, generator)
    y = eight_gaussians(REFERENCES, generator)
    reward_gradients = torch.randn(PARTICLES, DIMENSIONS, generator=generator)
    expected = plain_velocity(x.double(), y.double(), reward_gradients.double())
    actual = velocity(x, y, reward_gradients).double()
    return ((actual - expected).abs() / expected.abs().clamp(min=1)).max().item()


def regression_error():
    """The largest difference of a parameter between the two generators after one step."""
    autograd, manual = AutogradGenerator(), ManualGenerator()
    expected = [p.t() if p.dim() == 2 else p for p in autograd.network.parameters()]
    with torch.no_grad():
        for parameter, start in zip(manual.parameters, expected):
            parameter.copy_(start)
        noise = torch.randn(PARTICLES, DIMENSIONS)
        velocity = torch.randn(PARTICLES, DIMENSIONS)
        manual.generate(noise)
        manual.regress(velocity)
    autograd.generate(noise)
    autograd.regress(velocity)
    return max((a - b).abs().max().item() for a, b in zip(manual.parameters, expected))


def time_step(velocity_name, generator_name, warmup, steps):
    torch.manual_seed(0)
    velocity = VELOCITIES[velocity_name]()
    with torch.no_grad():
        error = velocity_error(velocity)
    if not error < 2e-4:
        raise SystemExit(f"the velocity '{velocity_name}' is wrong by {error}")
    generator = GENERATORS[generator_name]()
    pool = eight_gaussians(POOL, torch.Generator().manual_seed(2))
    reward_gradients = 0.1 * torch.randn(PARTICLES, DIMENSIONS)
    noise = torch.empty(PARTICLES, DIMENSIONS)

    def step():
        noise.normal_()
        with torch.set_grad_enabled(generator_name == "autograd"):
            x = generator.generate(noise)
        with torch.no_grad():
            y = pool[torch.randint(POOL, (REFERENCES,))]
            v = velocity(x, y, reward_gradients)
        with torch.set_grad_enabled(generator_name == "autograd"):
            generator.regress(v)

    for _ in range(warmup):
        step()
    times = []
    for _ in range(steps):
        start = time.process_time()
        step()
        times.append(1e3 * (time.process_time() - start))
    return {
        "velocity": velocity_name,
        "generator": generator_name,
        "cpu_ms_median": round(statistics.median(times), 3),
        "cpu_ms_min": round(min(times), 3),
        "steps": steps,
        "velocity_error": error,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--velocity", choices=VELOCITIES, action="append")
    parser.add_argument("--generator", choices=GENERATORS, action="append")
    parser.add_argument("--threads", type=int, default=1, help="of torch; OPENBLAS_NUM_THREADS apart")
    parser.add_argument("--warmup", type=int, default=10)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    error = regression_error()
    if not error < 1e-6:
        raise SystemExit(f"the two generators differ by {error} after a step")
    results = [
        time_step(velocity, generator, arguments.warmup, arguments.steps)
        for velocity in arguments.velocity or VELOCITIES
        for generator in arguments.generator or GENERATORS
    ]
    setting = {
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "blas_kernel": os.environ.get("OPENBLAS_CORETYPE", "default"),
        "allocator": allocator(),
    }
    if arguments.json:
        print(json.dumps({**setting, "results": results}))
        return
    print(", ".join(f"{key} {value}" for key, value in setting.items()))
    for result in results:
        print(
            f"  {result['velocity']:8} {result['generator']:9}"
            f" {result['cpu_ms_median']:8.2f} ms (least {result['cpu_ms_min']:.2f},"
            f" velocity error {result['velocity_error']:.1e})"
        )


def allocator():
    if "LD_PRELOAD" in os.environ:
        return os.path.basename(os.environ["LD_PRELOAD"])
    tuned = "MALLOC_MMAP_THRESHOLD_" in os.environ
    return "glibc, no mmap" if tuned else "glibc"


if __name__ == "__main__":
    main()
