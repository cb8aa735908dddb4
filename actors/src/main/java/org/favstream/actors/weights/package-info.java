/**
 * Weights between nodes, files and the log: in flow a flat parameter vector and its layout, out
 * flow chunks with a manifest or a safetensors file, and back. Nothing comes back that was not
 * verified: digest, sizes, shapes, finite numbers.
 */
@NullMarked
package org.favstream.actors.weights;

import org.jspecify.annotations.NullMarked;
