/** What the life of a node needs beside actors: events for whoever watches, faults in one line. */
@NullMarked
package org.favstream.actors.runtime;

import org.jspecify.annotations.NullMarked;
