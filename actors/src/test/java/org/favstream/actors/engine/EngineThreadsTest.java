// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.pytorch.jni.JniUtils;
import org.junit.jupiter.api.Test;

class EngineThreadsTest {

  @Test
  void shouldSetTheThreadsOfAnOperation() {
    try {
      EngineThreads.set(3);
      assertThat(JniUtils.getNumThreads()).isEqualTo(3);
    } finally {
      EngineThreads.set(1);
    }
    assertThat(JniUtils.getNumThreads()).isEqualTo(1);
  }
}
