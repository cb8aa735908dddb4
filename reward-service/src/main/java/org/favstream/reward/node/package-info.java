/**
 * The reward service as a node: in flow generations, out flow scored or refused groups.
 *
 * <p>{@link org.favstream.reward.node.RewardActor} supervises the {@link
 * org.favstream.reward.node.ScoringLoop} from topic to topic; {@link
 * org.favstream.reward.node.GroupScorer} scores one group and knows neither actors nor the log.
 *
 * <p>{@link org.favstream.reward.node.RewardControl} is another node: in flow wishes of people, out
 * flow events of the topic reward-registry, which all of them follow by the same {@code
 * LiveRegistry}. {@link org.favstream.reward.node.ArtifactLog} has the files of rewards.
 */
@NullMarked
package org.favstream.reward.node;

import org.jspecify.annotations.NullMarked;
