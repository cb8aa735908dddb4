/**
 * The reward service as a node: in flow generations, out flow scored or refused groups.
 *
 * <p>{@link org.favstream.reward.node.RewardActor} supervises the {@link
 * org.favstream.reward.node.ScoringLoop} from topic to topic; {@link
 * org.favstream.reward.node.GroupScorer} scores one group and knows neither actors nor the log.
 */
@NullMarked
package org.favstream.reward.node;

import org.jspecify.annotations.NullMarked;
