/**
 * The log: in flow connection settings, out flow typed records.
 *
 * <p>{@link org.favstream.actors.kafka.TopicSetup} makes a run's topics and waits until they
 * answer. {@link org.favstream.actors.kafka.TopicReader} follows a whole topic, decodes it, and
 * reports what cannot be decoded as a dead letter instead of stopping. {@link
 * org.favstream.actors.kafka.OrderedTopic} finds a record by its number instead.
 */
@NullMarked
package org.favstream.actors.kafka;

import org.jspecify.annotations.NullMarked;
