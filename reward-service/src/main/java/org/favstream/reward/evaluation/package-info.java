/**
 * What is measured of a pinned weights version, beside the loop: in flows a loaded generator, out
 * flow metrics by name. Each metric is defined once, here.
 */
@NullMarked
package org.favstream.reward.evaluation;

import org.jspecify.annotations.NullMarked;
