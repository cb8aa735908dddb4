/**
 * The broker that comes with favstream: a real Kafka (KRaft, one node) on loopback, in a child JVM
 * for runs and in-process for tests. In flows a folder, out flows a bootstrap address; the same
 * folder keeps its data over restarts.
 */
@NullMarked
package org.favstream.infra.broker;

import org.jspecify.annotations.NullMarked;
