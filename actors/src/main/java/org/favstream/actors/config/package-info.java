/**
 * Configuration: in flow a job file (HOCON) and overrides, out flows one complete, checked {@code
 * Config}. The {@code reference.conf} files of the modules are at once the defaults, their
 * documentation, and the list of keys that exist.
 */
@NullMarked
package org.favstream.actors.config;

import org.jspecify.annotations.NullMarked;
