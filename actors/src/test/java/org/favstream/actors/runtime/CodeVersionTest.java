// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CodeVersionTest {

  @Test
  void shouldSayVersionAndCommitWhenBuilt() {
    assertThat(CodeVersion.current())
        .matches("\\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\\+([0-9a-f]{7,40}(-dirty)?|unknown)");
  }
}
