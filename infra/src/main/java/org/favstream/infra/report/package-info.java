/** Pictures of runs: in flow panels of points and lines, out flows SVG text. */
@NullMarked
package org.favstream.infra.report;

import org.jspecify.annotations.NullMarked;
