// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.intake;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.favstream.protocol.Lease;

/** Who may emit how many groups; see the package's page for why this holds the lag bound. */
public final class Pacing {

  /**
   * What the pacing depends on.
   *
   * @param maxLag largest lag of a group in a batch, in versions
   * @param groupsPerVersion groups that make a version
   * @param leaseTimeout after how long without a lease a sampler counts as gone
   */
  public record Settings(int maxLag, int groupsPerVersion, Duration leaseTimeout) {
    public Settings {
      if (maxLag < 0 || groupsPerVersion < 1 || leaseTimeout.isNegative()) {
        throw new IllegalArgumentException(
            "pacing: max-lag %d must be at least 0, groups a version %d at least 1"
                .formatted(maxLag, groupsPerVersion));
      }
    }
  }

  private static final class Sampler {
    private final String id;
    private final long incarnation;
    private Instant lastLease = Instant.MIN;
    private boolean live;
    private boolean succeeded; // by another start of the same sampler: it emits no more
    private final NavigableMap<Long, Long> granted = new TreeMap<>(); // by version, cumulative
    private long lastGrant;
    private boolean waived; // waited for in vain
    private long received; // the next counter to come
    private long returned; // of those before it, how many are to come again
    private long consumed; // how many were taken into a step, refused, or never came
    private long newestReceived = -1; // version
    private long leasedVersion = -1;
    private long leasedEmitted;

    private Sampler(String key, long consumed) {
      int mark = key.lastIndexOf('#');
      this.id = key.substring(0, mark);
      this.incarnation = Long.parseLong(key.substring(mark + 1));
      this.consumed = consumed;
      this.received = consumed;
    }

    private long granted() {
      return granted.isEmpty() ? 0 : granted.lastEntry().getValue();
    }

    private void grant(long version, long groups) {
      granted.put(version, groups);
    }

    /** Credits not yet consumed; of one that is gone, only the groups that are here. */
    private long outstanding() {
      return Math.max(0, (live ? Math.max(granted(), received) : received) - consumed);
    }

    private boolean mayEmit() {
      return live && !succeeded;
    }

    /** How many groups made by versions up to this one may still be under way. */
    private long unseen(long version) {
      // The log keeps a sampler's groups in order, and its versions never fall.
      if (!live || waived || newestReceived > version) {
        return 0;
      }
      Map.Entry<Long, Long> then = granted.floorEntry(version);
      long made = then == null ? 0 : then.getValue();
      if (leasedVersion > version) {
        made = Math.min(made, leasedEmitted);
      }
      return Math.max(0, made - received + returned);
    }
  }

  private final Settings settings;
  private final Map<String, Sampler> samplers = new TreeMap<>();
  private final Map<String, Long> consumedBefore;
  private long version;
  private long acceptedThisVersion;
  private long grants;

  /**
   * A pacing that goes on.
   *
   * @param version the current weights version
   * @param granted of an earlier life, by {@link Lease#key()}
   * @param consumed of an earlier life: the next counter to be consumed, by key
   */
  public Pacing(
      Settings settings,
      long version,
      Map<String, Long> granted,
      Map<String, Long> consumed,
      Instant now) {
    this.settings = settings;
    this.version = version;
    this.consumedBefore = Map.copyOf(consumed);
    granted.forEach(
        (key, groups) -> {
          Sampler sampler = sampler(key);
          sampler.grant(0, groups); // made by whatever version, for all that is known
          sampler.lastLease = now; // it has one lease timeout to say that it lives
          sampler.live = true;
        });
  }

  private Sampler sampler(String key) {
    return samplers.computeIfAbsent(key, k -> new Sampler(k, consumedBefore.getOrDefault(k, 0L)));
  }

  /** A sampler says that it lives. */
  public void onLease(Lease lease, Instant now) {
    Sampler sampler = sampler(lease.key());
    sampler.lastLease = now;
    sampler.live = true;
    sampler.leasedVersion = lease.appliedVersion();
    sampler.leasedEmitted = lease.emitted();
    if (lease.emitted() > sampler.granted()) { // by credits of an earlier life of ours
      sampler.grant(lease.appliedVersion(), lease.emitted());
    }
    for (Sampler other : samplers.values()) {
      if (other.id.equals(sampler.id) && other.incarnation < sampler.incarnation) {
        other.succeeded = true; // what it emitted may still be under way
      }
    }
  }

  /**
   * A group has come in, as the next one of its key; those skipped before it never will. Or one
   * that was returned has come again.
   */
  public void onReceived(String key, long counter, long weightsVersion) {
    Sampler sampler = sampler(key);
    if (counter < sampler.received) {
      sampler.returned--;
    } else {
      sampler.consumed += counter - sampler.received;
      sampler.received = counter + 1;
    }
    sampler.waived = false;
    sampler.newestReceived = Math.max(sampler.newestReceived, weightsVersion);
  }

  /** A group that was received will come again. */
  public void onReturned(String key, long weightsVersion) {
    Sampler sampler = sampler(key);
    sampler.returned++;
    sampler.newestReceived = Math.min(sampler.newestReceived, weightsVersion);
  }

  /**
   * A received group has left.
   *
   * @param accepted whether it was taken into a step, or refused
   */
  public void onConsumed(String key, boolean accepted) {
    sampler(key).consumed++;
    if (accepted) {
      acceptedThisVersion++;
    }
  }

  /** The next version is current. */
  public void onPublished() {
    version++;
    acceptedThisVersion = 0;
    long oldest = version - settings.maxLag();
    for (Sampler sampler : samplers.values()) {
      Long floor = sampler.granted.floorKey(oldest);
      if (floor != null) {
        sampler.granted.headMap(floor, false).clear();
      }
    }
  }

  /**
   * Whether groups may be taken now without an older one being pushed over the bound: for every
   * older version {@code u}, what may still come of it must fit into what is left of the versions
   * up to {@code u + maxLag}.
   *
   * @param groups how many, the oldest that are there
   * @param weightsVersion of the newest of them
   */
  public boolean mayTake(int groups, long weightsVersion) {
    long oldest = version - settings.maxLag();
    long slots = settings.groupsPerVersion() - acceptedThisVersion - groups;
    for (long u = Math.max(0, oldest); u < weightsVersion; u++) {
      long at = u;
      long unseen = samplers.values().stream().mapToLong(sampler -> sampler.unseen(at)).sum();
      if (unseen > slots + (u - oldest) * settings.groupsPerVersion()) {
        return false;
      }
    }
    return true;
  }

  /** Those waited for are no longer waited for, until something comes of them. */
  public void waive() {
    for (Sampler sampler : samplers.values()) {
      sampler.waived |= sampler.unseen(version) > 0;
    }
  }

  /**
   * Tops up the credits.
   *
   * @return all credits in force by key, or empty where nothing has changed
   */
  public Optional<Map<String, Long>> grant(Instant now) {
    Instant oldest = now.minus(settings.leaseTimeout());
    samplers.values().stream()
        .filter(sampler -> sampler.lastLease.isBefore(oldest))
        .forEach(sampler -> sampler.live = false);
    long allowed = (settings.maxLag() + 1L) * settings.groupsPerVersion() - acceptedThisVersion;
    long outstanding = samplers.values().stream().mapToLong(Sampler::outstanding).sum();
    long before = grants;
    for (long free = allowed - outstanding; free > 0; free--) {
      Optional<Sampler> next =
          samplers.values().stream()
              .filter(Sampler::mayEmit)
              .min(
                  Comparator.comparingLong(Sampler::outstanding)
                      .thenComparingLong(sampler -> sampler.lastGrant));
      if (next.isEmpty()) {
        break;
      }
      next.get().grant(version, Math.max(next.get().granted(), next.get().consumed) + 1);
      next.get().lastGrant = ++grants;
    }
    return grants == before ? Optional.empty() : Optional.of(granted());
  }

  /** All credits in force, by key: of live samplers, and of others with groups under way. */
  public Map<String, Long> granted() {
    Map<String, Long> granted = new HashMap<>();
    samplers.forEach(
        (key, sampler) -> {
          if (sampler.live || sampler.outstanding() > 0) {
            granted.put(key, sampler.granted());
          }
        });
    return granted;
  }

  /** How many samplers are alive. */
  public int liveSamplers() {
    return (int) samplers.values().stream().filter(Sampler::mayEmit).count();
  }
}
