// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ArmSystemTest {
  @Test
  void shouldFindEverySystemByItsName() {
    assertThat(ArmSystem.all()).hasSize(12);
    for (ArmSystem system : ArmSystem.all()) {
      assertThat(ArmSystem.of(system.name())).isSameAs(system);
      assertThat(system.links()).isEqualTo(system.name().endsWith("-beetle") ? 2 : 3);
    }
  }

  @Test
  void shouldNameTheSystemsThereAreWhenThereIsNoSuchOne() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ArmSystem.of("great-devious-bumblebee"))
        .withMessageStartingWith("no arm 'great-devious-bumblebee': expected one of great-devious")
        .withMessageEndingWith("thoughtful-steel-butterfly");
  }

  @Test
  void shouldFindTheControlOfATorqueOnEverySystem() {
    for (ArmSystem system : ArmSystem.all()) {
      double[][] controlPerTorque = system.controlPerTorque();
      double[] wanted = {30, -20, 10};
      double[] control = new double[system.controls()];
      for (int k = 0; k < control.length; k++) {
        for (int i = 0; i < system.links(); i++) {
          control[k] += controlPerTorque[k][i] * wanted[i];
        }
      }
      double[] torque = new double[system.links()];
      system.torqueOf(control, torque);
      for (int i = 0; i < torque.length; i++) {
        assertThat(torque[i]).describedAs(system.name()).isCloseTo(wanted[i], within(1e-9));
      }
    }
  }

  @Test
  void shouldLimitTheTorqueOfAJoint() {
    ArmSystem system = ArmSystem.of("great-devious-beetle");
    double[] torque = new double[2];
    system.torqueOf(new double[] {50, -1}, torque);
    assertThat(torque).containsExactly(11_000, -1000); // the second joint pushes back on link 1
  }

  @Test
  void shouldReachARingWhenOneLinkIsLongerThanTheOthers() {
    assertThat(ArmSystem.of("rebel-devious-beetle").hole()).isEqualTo(1);
    assertThat(ArmSystem.of("thoughtful-ruddy-butterfly").hole()).isEqualTo(1);
    assertThat(ArmSystem.of("talented-ruddy-butterfly").hole()).isZero();
    assertThat(ArmSystem.of("great-devious-beetle").reach()).isEqualTo(3);
  }
}
