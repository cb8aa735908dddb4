/**
 * What goes between processes: immutable records, their codecs, and the topics.
 *
 * <p>In flow records, out flow bytes, and back. {@link org.favstream.protocol.Codec} has one
 * constant a record; {@link org.favstream.protocol.Topics} says what each topic holds, how it is
 * keyed and what it keeps. {@code records.proto} has what stands on the log, {@code
 * environment.proto} what a policy and an environment in another process say to each other. The
 * wire classes generated from them stay behind the codecs: nothing else touches them.
 */
@NullMarked
package org.favstream.protocol;

import org.jspecify.annotations.NullMarked;
