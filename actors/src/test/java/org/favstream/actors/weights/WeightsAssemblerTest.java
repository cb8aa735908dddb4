// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.favstream.actors.weights.PublishedVersions.assembled;
import static org.favstream.actors.weights.PublishedVersions.compacted;
import static org.favstream.actors.weights.PublishedVersions.entries;
import static org.favstream.actors.weights.PublishedVersions.published;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.favstream.actors.weights.PublishedVersions.Entry;
import org.favstream.protocol.TensorSpec;
import org.favstream.protocol.WeightsRecord;
import org.junit.jupiter.api.Test;

class WeightsAssemblerTest {
  private static final PublishedWeights SMALL = published(8, 1);
  private static final PublishedWeights TWO = published(8, 2);
  private static final PublishedWeights NEXT = published(9, 2);

  private static List<Entry> joined(List<Entry> first, List<Entry> second) {
    List<Entry> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  private static Entry chunk(long version, int index, byte[] data) {
    return new Entry(
        (version % 2) + "/" + index,
        new WeightsRecord.Chunk(version, index, ByteBuffer.wrap(data)));
  }

  private static Entry manifest(PublishedWeights of, long size, int chunks, String sha256) {
    return new Entry(
        "manifest",
        new WeightsRecord.Manifest(
            "run-1", of.version(), 0, 0, sha256, size, chunks, of.weights().tensors(), 1));
  }

  @Test
  void shouldGiveTheWeightsBackWhenTenMegabytesTravel() throws Exception {
    PublishedWeights large = published(7, 12);
    assertThat(large.weights().toBytes()).hasSizeGreaterThan(10_000_000);
    assertThat(assembled(entries(large))).containsExactly(large);
  }

  @Test
  void shouldGiveEachVersionWhenTheyFollowEachOther() throws Exception {
    assertThat(assembled(joined(entries(TWO), entries(NEXT)))).containsExactly(TWO, NEXT);
  }

  @Test
  void shouldGiveNothingWhenTheManifestComesBeforeItsChunks() throws Exception {
    List<Entry> reversed = new ArrayList<>(entries(TWO));
    reversed.add(0, reversed.remove(reversed.size() - 1));
    assertThat(assembled(reversed)).isEmpty();
    assertThat(assembled(joined(reversed, entries(NEXT)))).containsExactly(NEXT);
  }

  @Test
  void shouldGiveNothingWhenAChunkIsMissing() throws Exception {
    for (int missing = 0; missing < 2; missing++) {
      List<Entry> log = new ArrayList<>(entries(TWO));
      log.remove(missing);
      assertThat(assembled(log)).isEmpty();
      assertThat(assembled(joined(log, entries(NEXT)))).containsExactly(NEXT);
    }
  }

  @Test
  void shouldGiveNothingWhenOnlyTheManifestIsLeft() throws Exception {
    List<Entry> all = entries(TWO);
    assertThat(assembled(all.subList(2, 3))).isEmpty();
  }

  @Test
  void shouldNameTheChunkWhenAnotherStandsInItsPlace() {
    List<Entry> log = new ArrayList<>(entries(TWO));
    log.set(1, chunk(8, 2, new byte[4]));
    assertThatThrownBy(() -> assembled(log))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("weights version 8")
        .hasMessageContaining("chunk 1 of 2 is missing");
  }

  @Test
  void shouldNameTheVersionAndGoOnWhenAChunkIsCorrupted() throws Exception {
    WeightsAssembler assembler = new WeightsAssembler();
    List<Entry> log = entries(TWO);
    ByteBuffer data = ((WeightsRecord.Chunk) log.get(1).record()).data();
    byte[] corrupted = new byte[data.remaining()];
    data.get(corrupted);
    corrupted[5] ^= 1;
    assembler.add(log.get(0).record());
    assembler.add(chunk(8, 1, corrupted).record());
    assertThatThrownBy(() -> assembler.add(log.get(2).record()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("weights version 8: its bytes have digest")
        .hasMessageContaining(TWO.weights().sha256());
    assertThat(feed(assembler, entries(NEXT))).containsExactly(NEXT);
  }

  @Test
  void shouldRefuseWhenTheManifestsDigestIsAnother() {
    List<Entry> log = new ArrayList<>(entries(SMALL));
    log.set(1, manifest(SMALL, SMALL.weights().toBytes().length, 1, "ab".repeat(32)));
    assertThatThrownBy(() -> assembled(log))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("its manifest says " + "ab".repeat(32));
  }

  @Test
  void shouldRefuseWithoutTakingTheMemoryWhenTheManifestClaimsMoreThanCame() {
    List<Entry> log = new ArrayList<>();
    for (int i = 0; i < 2331; i++) {
      log.add(chunk(8, i, new byte[1]));
    }
    log.add(manifest(SMALL, Integer.MAX_VALUE, 2331, "ab".repeat(32)));
    assertThatThrownBy(() -> assembled(log))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("weights version 8")
        .hasMessageContaining("2331 bytes in 2331 chunks, its manifest says 2147483647");
  }

  @Test
  void shouldRefuseWhenTheManifestClaimsLessThanCame() {
    List<Entry> log = new ArrayList<>(entries(SMALL));
    log.set(1, manifest(SMALL, 8, 1, "ab".repeat(32)));
    assertThatThrownBy(() -> assembled(log))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("its manifest says 8");
  }

  @Test
  void shouldNameTheTensorWhenVerifiedWeightsAreNotFinite() throws Exception {
    byte[] bytes = {0, 0, (byte) 0xc0, 0x7f}; // NaN
    PublishedWeights one =
        new PublishedWeights(3, 0, 0, new Weights(List.of(TensorSpec.of("b", 1)), new float[1]), 1);
    List<Entry> log = List.of(chunk(3, 0, bytes), manifest(one, 4, 1, Weights.digest(bytes)));
    assertThatThrownBy(() -> assembled(log))
        .isInstanceOf(WeightsException.class)
        .hasMessage("weights version 3: tensor b holds NaN");
  }

  @Test
  void shouldGiveTheNewestWhenOldChunksAreInterleaved() throws Exception {
    List<Entry> old = entries(TWO);
    List<Entry> next = entries(NEXT);
    // The older version was left incomplete; its chunks are all over the place.
    List<Entry> log =
        List.of(old.get(1), next.get(0), old.get(0), next.get(1), old.get(0), next.get(2));
    assertThat(assembled(log)).containsExactly(NEXT);
  }

  @Test
  void shouldGiveTheNewestWhenOnlyItsSlotIsLeft() throws Exception {
    List<Entry> log = new ArrayList<>();
    for (long version = 3; version <= 6; version++) {
      log.addAll(entries(published(version, 2)));
    }
    List<Entry> newestSlot = log.subList(log.size() - 3, log.size());
    assertThat(assembled(newestSlot)).containsExactly(published(6, 2));
  }

  @Test
  void shouldDropLongerVersionsWhenAShorterOneTakesTheirSlot() throws Exception {
    List<Entry> log = new ArrayList<>(entries(published(4, 3)).subList(1, 3)); // 0/1, 0/2 are left
    log.addAll(entries(published(5, 1)));
    log.addAll(entries(published(6, 1)));
    assertThat(assembled(log)).containsExactly(published(5, 1), published(6, 1));
  }

  @Test
  void shouldForgetChunksWhenTwoNewerVersionsHaveBegun() throws Exception {
    List<Entry> old = entries(TWO);
    Entry manifest = old.get(2);
    List<Entry> kept = List.of(old.get(0), old.get(1), chunk(9, 0, new byte[4]), manifest);
    assertThat(assembled(kept)).containsExactly(TWO);
    List<Entry> forgotten = List.of(old.get(0), old.get(1), chunk(10, 0, new byte[4]), manifest);
    assertThat(assembled(forgotten)).isEmpty();
  }

  @Test
  void shouldForgetChunksWhenTheyOrNewerOnesAreComplete() throws Exception {
    List<Entry> old = entries(TWO);
    Entry manifest = old.get(2);
    assertThat(assembled(joined(old, List.of(manifest)))).containsExactly(TWO);
    List<Entry> log = new ArrayList<>(old.subList(0, 2));
    log.addAll(entries(NEXT));
    log.add(manifest);
    assertThat(assembled(log)).containsExactly(NEXT);
  }

  /** One producer after the other, as the fence has it, the last publication cut anywhere. */
  @Test
  void shouldEndWithTheNewestCompleteVersionWhenTheLogIsCompactedAnyhow() throws Exception {
    for (int seed = 0; seed < 300; seed++) {
      Random chance = new Random(seed);
      int versions = 1 + chance.nextInt(5);
      List<PublishedWeights> published = new ArrayList<>();
      List<Entry> log = new ArrayList<>();
      for (int version = 0; version < versions; version++) {
        published.add(small(version, chance));
        log.addAll(tiny(published.get(version), chance.nextInt(1, 4)));
      }
      List<Entry> last = tiny(small(versions, chance), 3);
      log.addAll(last.subList(0, chance.nextInt(last.size())));
      List<PublishedWeights> complete = assembled(compacted(log, chance));
      assertThat(published).describedAs("seed %d", seed).containsSubsequence(complete);
      assertThat(complete).describedAs("seed %d", seed).endsWith(published.get(versions - 1));
    }
  }

  /** Two producers at once, each in its order. */
  @Test
  void shouldGiveOnlyWholeVersionsWhenTwoAreInterleaved() throws Exception {
    Set<Integer> outcomes = new HashSet<>();
    for (int seed = 0; seed < 300; seed++) {
      Random chance = new Random(seed);
      PublishedWeights one = small(4, chance);
      PublishedWeights other = small(5, chance);
      List<Entry> first = new ArrayList<>(tiny(one, 3));
      List<Entry> second = new ArrayList<>(tiny(other, 3));
      List<Entry> log = new ArrayList<>();
      while (!first.isEmpty() || !second.isEmpty()) {
        boolean fromFirst = second.isEmpty() || (!first.isEmpty() && chance.nextBoolean());
        log.add((fromFirst ? first : second).remove(0));
      }
      List<PublishedWeights> complete = assembled(compacted(log, chance));
      assertThat(List.of(one, other)).describedAs("seed %d", seed).containsAll(complete);
      if (log.get(log.size() - 1).record().version() == 5) {
        assertThat(complete).describedAs("seed %d", seed).endsWith(other);
      }
      outcomes.add(complete.size());
    }
    assertThat(outcomes).containsExactlyInAnyOrder(1, 2);
  }

  private static List<PublishedWeights> feed(WeightsAssembler assembler, List<Entry> log)
      throws WeightsException {
    List<PublishedWeights> complete = new ArrayList<>();
    for (Entry entry : log) {
      assembler.add(entry.record()).ifPresent(complete::add);
    }
    return complete;
  }

  private static PublishedWeights small(long version, Random chance) throws WeightsException {
    float[] values = {version, chance.nextFloat(), chance.nextFloat()};
    Weights weights = new Weights(List.of(TensorSpec.of("w", 3)), values);
    return new PublishedWeights(version, 1, version, weights, 1);
  }

  /** As {@link WeightsLog}, with chunks of a few bytes. */
  private static List<Entry> tiny(PublishedWeights published, int chunks) {
    byte[] bytes = published.weights().toBytes();
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < chunks; i++) {
      int from = i * bytes.length / chunks;
      byte[] part = new byte[(i + 1) * bytes.length / chunks - from];
      System.arraycopy(bytes, from, part, 0, part.length);
      entries.add(chunk(published.version(), i, part));
    }
    entries.add(
        new Entry(
            "manifest",
            new WeightsRecord.Manifest(
                "run-1",
                published.version(),
                published.epoch(),
                published.step(),
                published.weights().sha256(),
                bytes.length,
                chunks,
                published.weights().tensors(),
                published.publishedAtMillis())));
    return entries;
  }
}
