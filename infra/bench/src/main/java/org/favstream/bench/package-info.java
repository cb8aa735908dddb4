/**
 * Benchmarks of what a step spends its time on. Each class says in its Javadoc how to run it; the
 * results stand in {@code infra/docs/results.md}.
 */
@NullMarked
package org.favstream.bench;

import org.jspecify.annotations.NullMarked;
