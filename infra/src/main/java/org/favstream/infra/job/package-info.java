/**
 * Jobs: in flows a name or a HOCON file with overrides, out flows a {@link
 * org.favstream.infra.job.Job} that is complete and checked, with every part of it made by one
 * factory, the same for the local run and for nodes.
 */
@NullMarked
package org.favstream.infra.job;

import org.jspecify.annotations.NullMarked;
