// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class FaultsTest {

  @Test
  void shouldNameTheFaultItselfWhenAsynchronousCallsWrapIt() {
    Throwable fault = new IllegalStateException("no broker", new RuntimeException("its cause"));
    Throwable wrapped = new CompletionException(new ExecutionException(fault));
    assertThat(Faults.unwrapped(wrapped)).isSameAs(fault);
    assertThat(Faults.describe(wrapped)).isEqualTo("no broker");
  }

  @Test
  void shouldNameTheKindWhenThereIsNoMessage() {
    assertThat(Faults.describe(new IllegalStateException())).isEqualTo("IllegalStateException");
    assertThat(Faults.describe(new IllegalStateException(" "))).isEqualTo("IllegalStateException");
  }

  @Test
  void shouldStayWithTheWrappingWhenNothingIsInIt() {
    Throwable bare = new CompletionException("gave up", null);
    assertThat(Faults.unwrapped(bare)).isSameAs(bare);
  }
}
