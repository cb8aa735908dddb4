/**
 * Environments by name: in flows a name, out flows the environment, or the command of a server that
 * serves it.
 *
 * <p>{@link org.favstream.infra.environment.EnvironmentCatalog} has those that are made in this
 * JVM, {@link org.favstream.infra.environment.NodeEnvironments} those whose server runs in Node.
 */
@NullMarked
package org.favstream.infra.environment;

import org.jspecify.annotations.NullMarked;
