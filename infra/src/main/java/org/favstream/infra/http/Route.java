// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.http;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request that can be made.
 *
 * @param path segments; those in braces are parameters
 */
record Route(String method, String path, Call.Handler handler) {

  /** The parameters of a path of this form; empty where it is of another. */
  Optional<Map<String, String>> match(List<String> segments) {
    String[] form = path.substring(1).split("/", -1);
    if (form.length != segments.size()) {
      return Optional.empty();
    }
    Map<String, String> parameters = new LinkedHashMap<>();
    for (int i = 0; i < form.length; i++) {
      String segment = segments.get(i);
      if (form[i].startsWith("{")) {
        parameters.put(form[i].substring(1, form[i].length() - 1), segment);
      } else if (!form[i].equals(segment)) {
        return Optional.empty();
      }
    }
    return Optional.of(parameters);
  }
}
