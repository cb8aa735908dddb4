// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.favstream.sampler.environment.EnvironmentSession.Backoff;
import org.favstream.sampler.environment.EnvironmentSession.Done;
import org.favstream.sampler.environment.EnvironmentSession.Lost;
import org.favstream.sampler.environment.EnvironmentSession.Outcome;
import org.junit.jupiter.api.Test;

class EnvironmentSessionTest {
  private static final float[] PUSH = {1};

  private final List<Fragile> opened = new ArrayList<>();
  private boolean down;
  private final EnvironmentSession session =
      new EnvironmentSession(this::open, new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(3)));

  private Environment open() throws EnvironmentException {
    if (down) {
      throw new EnvironmentException("environment at nowhere:1: connect: nobody listens there");
    }
    Fragile environment = new Fragile();
    opened.add(environment);
    return environment;
  }

  @Test
  void shouldGiveWhatTheEnvironmentGives() {
    assertThat(done(session.reset(0, 5))).isEqualTo(new PointMass(1).reset(0, 5));
    PointMass itself = new PointMass(1);
    itself.reset(0, 5);
    assertThat(done(session.step(PUSH)).observations()).isEqualTo(itself.step(PUSH).observations());
  }

  @Test
  void shouldSayWhyItIsLostAndOpenAnotherAtTheNextReset() {
    session.reset(0, 5);
    last().broken = true;
    assertThat(session.step(PUSH))
        .isEqualTo(new Lost<>("fragile: broke", 1, Duration.ofSeconds(1)));
    assertThat(last().closed).isTrue();
    assertThatThrownBy(() -> session.step(PUSH))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("reset every copy first");

    assertThat(session.reset(0, 5)).isInstanceOf(Done.class);
    assertThat(session.step(PUSH)).isInstanceOf(Done.class);
    assertThat(opened).hasSize(2);
  }

  @Test
  void shouldPauseLongerUpToABoundUntilAStepIsDone() {
    down = true;
    assertThat(pause(session.reset(0, 1))).hasSeconds(1);
    assertThat(pause(session.reset(0, 1))).hasSeconds(2);
    down = false;
    session.reset(0, 1); // that it opens does not say that it works
    last().broken = true;
    assertThat(pause(session.step(PUSH))).hasSeconds(3);
    for (int i = 0; i < 100; i++) {
      session.reset(0, 1);
      last().broken = true;
      assertThat(pause(session.step(PUSH))).hasSeconds(3);
    }

    session.reset(0, 1);
    session.step(PUSH);
    last().broken = true;
    assertThat(session.step(PUSH))
        .isEqualTo(new Lost<>("fragile: broke", 1, Duration.ofSeconds(1)));
  }

  @Test
  void shouldEndEveryEpisodeWhenAResetFails() {
    session.reset(0, 1);
    last().broken = true;
    assertThat(session.reset(0, 2)).isInstanceOf(Lost.class);
    assertThatThrownBy(() -> session.step(PUSH)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void shouldRefuseABackoffThatShrinksOrIsNone() {
    assertThatThrownBy(() -> new Backoff(Duration.ZERO, Duration.ofSeconds(1)))
        .hasMessageContaining("PT0S");
    assertThatThrownBy(() -> new Backoff(Duration.ofSeconds(2), Duration.ofSeconds(1)))
        .hasMessageContaining("from PT2S to PT1S");
  }

  private Fragile last() {
    return opened.get(opened.size() - 1);
  }

  private static <T> T done(Outcome<T> outcome) {
    assertThat(outcome).isInstanceOf(Done.class);
    return ((Done<T>) outcome).value();
  }

  private static Duration pause(Outcome<?> outcome) {
    assertThat(outcome).isInstanceOf(Lost.class);
    return ((Lost<?>) outcome).pause();
  }

  /** One that breaks when told to. */
  private static final class Fragile implements Environment {
    private final PointMass inner = new PointMass(1);
    private boolean broken;
    private boolean closed;

    @Override
    public Spec spec() {
      return inner.spec();
    }

    @Override
    public float[] reset(int copy, long seed) throws EnvironmentException {
      requireWhole();
      return inner.reset(copy, seed);
    }

    @Override
    public Step step(float[] actions) throws EnvironmentException {
      requireWhole();
      return inner.step(actions);
    }

    private void requireWhole() throws EnvironmentException {
      if (broken) {
        throw new EnvironmentException("fragile: broke");
      }
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
