// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What a long run does by chance between a forward and a backward pass, done on purpose. */
final class DirectMemory {
  private DirectMemory() {}

  /** Frees the direct buffers that nobody holds, and writes over where they were. */
  static void reclaim() throws InterruptedException {
    // A round ends when the collector has told of its object; with the second round, all buffers
    // that the first one found are freed.
    for (int round = 0; round < 2; round++) {
      ReferenceQueue<Object> told = new ReferenceQueue<>();
      PhantomReference<Object> object = new PhantomReference<>(new Object(), told);
      try {
        do {
          System.gc();
        } while (told.remove(50) == null);
      } finally {
        Reference.reachabilityFence(object);
      }
    }
    List<ByteBuffer> churn = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        churn.add(ByteBuffer.allocateDirect(4 << (i % 3)).putFloat(0, 1e3f));
      }
    } finally {
      Reference.reachabilityFence(churn);
    }
  }
}
