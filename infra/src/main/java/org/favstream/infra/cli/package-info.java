/**
 * The command line: {@code favstream run | evaluate | pretrain | list | node | env | transitions |
 * reward}.
 */
@NullMarked
package org.favstream.infra.cli;

import org.jspecify.annotations.NullMarked;
