/**
 * The tensor engine (libtorch through DJL), used in one way by every node.
 *
 * <p>In flow flat parameter vectors and cotangents, out flow gradients. The rules that hold here:
 *
 * <ul>
 *   <li>A network's parameters are <b>one flat vector</b> ({@link
 *       org.favstream.actors.engine.ParameterLayout} cuts it into tensors). So weights travel, are
 *       verified, stepped and checked for NaN as one array.
 *   <li>That vector itself never asks for a gradient. Training runs the network on a leaf view of
 *       it ({@link org.favstream.actors.engine.Gradients}); inference runs on the vector itself and
 *       builds no graph, whatever the thread's grad mode.
 *   <li>A TorchScript module keeps its parameters to itself ({@link
 *       org.favstream.actors.engine.TorchScriptModule}): they are set from the flat vector before
 *       it computes, and their gradient comes back flat. It is code, so it is loaded with a pinned
 *       digest alone.
 *   <li>Every step runs in a scope of its own ({@link org.favstream.actors.engine.EngineScope});
 *       what must outlive it is copied out. No tensor crosses an actor or a topic.
 * </ul>
 */
@NullMarked
package org.favstream.actors.engine;

import org.jspecify.annotations.NullMarked;
