/**
 * What made a weights version: in flow the records of learner steps, out flows the chain of
 * versions that leads from one to another.
 */
@NullMarked
package org.favstream.learner.lineage;

import org.jspecify.annotations.NullMarked;
