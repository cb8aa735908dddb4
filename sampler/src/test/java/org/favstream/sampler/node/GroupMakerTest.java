// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.util.ArrayList;
import java.util.List;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Generation;
import org.favstream.protocol.GroupId;
import org.favstream.protocol.Noise;
import org.favstream.sampler.context.ContextRows;
import org.favstream.sampler.context.ContextSource;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.LoadedGenerator;
import org.favstream.sampler.noise.NoiseSource;
import org.junit.jupiter.api.Test;

class GroupMakerTest {
  private static final SamplerSettings SETTINGS =
      new SamplerSettings(1, 3, 2, Noise.Kind.INDEPENDENT, "cpu");

  /** Contexts of two numbers with one reference each, by their draw. */
  private static final class Drawn implements ContextSource {
    final List<Noise> draws = new ArrayList<>();

    @Override
    public int contextSize() {
      return 2;
    }

    @Override
    public int references() {
      return 1;
    }

    @Override
    public Contexts draw(Noise draw, int count) {
      draws.add(draw);
      return new Contexts(
          NoiseSource.normals(draw, 2 * count),
          NoiseSource.normals(new Noise(draw.key() + 1, draw.counter()), 2 * count));
    }
  }

  private static GroupMaker maker(
      long incarnation, long seed, ContextSource contexts, Generator generator, long version)
      throws WeightsException {
    return maker(SETTINGS, incarnation, seed, contexts, generator, version);
  }

  private static GroupMaker maker(
      SamplerSettings settings,
      long incarnation,
      long seed,
      ContextSource contexts,
      Generator generator,
      long version)
      throws WeightsException {
    return new GroupMaker(
        "run-1",
        "s-0",
        incarnation,
        seed,
        settings,
        contexts,
        generator,
        SamplerFixtures.published(generator, version),
        Device.cpu(),
        SamplerFixtures.NOON);
  }

  private static GroupMaker unconditional(long incarnation, long seed) throws WeightsException {
    return maker(incarnation, seed, ContextSource.none(), SamplerFixtures.GENERATOR, 4);
  }

  private static List<Generation> made(GroupMaker maker, long first, int count) {
    return maker.make(first, maker.draw(first, count));
  }

  @Test
  void shouldSayAllThatTheGroupWasMadeOf() throws Exception {
    Generator generator = SamplerFixtures.generator(2);
    Drawn contexts = new Drawn();
    try (GroupMaker maker = maker(7, 1, contexts, generator, 4);
        LoadedGenerator replay =
            new LoadedGenerator(
                generator, SamplerFixtures.published(generator, 4).weights(), Device.cpu())) {
      Generation group = made(maker, 9, 1).get(0);
      assertThat(group.run()).isEqualTo("run-1");
      assertThat(group.id()).isEqualTo(new GroupId("s-0", 7, 9));
      assertThat(group.weightsVersion()).isEqualTo(4);
      assertThat(group.createdAtMillis()).isEqualTo(SamplerFixtures.NOON.millis());
      assertThat(group.noise().counter()).isEqualTo(9);
      assertThat(group.contexts().orElseThrow().shape()).containsExactly(3, 2);
      assertThat(group.references().orElseThrow().shape()).containsExactly(3, 1, 2);
      // What the learner does: the particles again, from noise, contexts and weights.
      float[] contextRows = ContextRows.repeat(group.contexts().orElseThrow().toArray(), 2, 2);
      float[] noise = NoiseSource.normals(group.noise(), 3 * 2 * 3);
      assertThat(group.particles().shape()).containsExactly(3, 2, 2);
      assertThat(group.particles().toArray()).containsExactly(replay.sample(noise, contextRows));
      assertThat(contexts.draws).hasSize(1);
      assertThat(contexts.draws.get(0).counter()).isEqualTo(9);
      assertThat(contexts.draws.get(0).key()).isNotEqualTo(group.noise().key());
    }
  }

  @Test
  void shouldSayWhereTheNoiseIsQuasiRandom() throws Exception {
    SamplerSettings settings = new SamplerSettings(1, 1, 300, Noise.Kind.QUASI_RANDOM, "cpu");
    Generator generator = SamplerFixtures.GENERATOR;
    try (GroupMaker maker = maker(settings, 7, 1, ContextSource.none(), generator, 4);
        LoadedGenerator replay =
            new LoadedGenerator(
                generator, SamplerFixtures.published(generator, 4).weights(), Device.cpu())) {
      for (Generation group : made(maker, 9, 2)) {
        assertThat(group.noise().kind()).isEqualTo(Noise.Kind.QUASI_RANDOM);
        float[] noise = NoiseSource.normals(group.noise(), 300, generator.noiseSize());
        assertThat(group.particles().toArray()).containsExactly(replay.sample(noise, new float[0]));
      }
    }
  }

  @Test
  void shouldLeaveContextsOutWhenThereAreNone() throws Exception {
    try (GroupMaker maker = unconditional(1, 1)) {
      assertThat(made(maker, 0, 1).get(0).contexts()).isEmpty();
      assertThat(made(maker, 0, 1).get(0).references()).isEmpty();
    }
  }

  @Test
  void shouldMakeTheSameGroupWhateverItMadeBefore() throws Exception {
    try (GroupMaker one = unconditional(1, 1);
        GroupMaker other = unconditional(1, 1)) {
      Generation two = made(one, 2, 1).get(0);
      Generation five = made(one, 5, 1).get(0);
      assertThat(made(other, 5, 1).get(0)).isEqualTo(five);
      assertThat(made(other, 2, 1).get(0)).isEqualTo(two);
      assertThat(five.particles()).isNotEqualTo(two.particles());
    }
  }

  @Test
  void shouldMakeTheSameGroupsWhenTheyAreMadeTogether() throws Exception {
    try (GroupMaker maker = unconditional(1, 1)) {
      List<Generation> together = made(maker, 3, 3);
      for (int i = 0; i < 3; i++) {
        Generation alone = made(maker, 3 + i, 1).get(0);
        assertThat(together.get(i).id()).isEqualTo(alone.id());
        assertThat(together.get(i).noise()).isEqualTo(alone.noise());
        assertThat(together.get(i).particles().toArray())
            .usingComparatorWithPrecision(1e-5f)
            .containsExactly(alone.particles().toArray());
      }
    }
  }

  @Test
  void shouldMakeOtherParticlesWhenSeedOrIncarnationDiffers() throws Exception {
    try (GroupMaker one = unconditional(1, 1);
        GroupMaker restarted = unconditional(2, 1);
        GroupMaker seeded = unconditional(1, 2)) {
      assertThat(made(restarted, 0, 1).get(0).particles())
          .isNotEqualTo(made(one, 0, 1).get(0).particles());
      assertThat(made(seeded, 0, 1).get(0).particles())
          .isNotEqualTo(made(one, 0, 1).get(0).particles());
    }
  }

  @Test
  void shouldMakeGroupsOfTheNewVersionWhenWeightsAreSwapped() throws Exception {
    try (GroupMaker maker = unconditional(1, 1)) {
      Generation before = made(maker, 0, 1).get(0);
      maker.swap(SamplerFixtures.published(SamplerFixtures.GENERATOR, 6));
      assertThat(maker.version()).isEqualTo(6);
      assertThat(made(maker, 0, 1).get(0).weightsVersion()).isEqualTo(6);
      assertThat(made(maker, 0, 1).get(0).particles()).isNotEqualTo(before.particles());
    }
  }

  @Test
  void shouldKeepItsWeightsWhenTheNextAreOfAnotherShape() throws Exception {
    try (GroupMaker maker = unconditional(1, 1)) {
      Generation before = made(maker, 0, 1).get(0);
      assertThatThrownBy(() -> maker.swap(SamplerFixtures.ofAnotherShape(6)))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("decoder.0.weight[4, 8], expected decoder.0.weight[4, 3]");
      assertThat(maker.version()).isEqualTo(4);
      assertThat(made(maker, 0, 1).get(0)).isEqualTo(before);
    }
  }
}
