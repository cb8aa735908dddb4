// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.favstream.reward.registry.RefusedException;

/**
 * Why a request was not done (RFC 9457).
 *
 * @param status of HTTP
 * @param kind one word for programs
 * @param detail for people
 */
record Problem(int status, String kind, String detail) {
  static final String TYPE_PREFIX = "urn:favstream:problem:";
  private static final ObjectMapper JSON = new ObjectMapper();

  static Problem of(RefusedException refused) {
    int status =
        switch (refused.kind()) {
          case BAD_REQUEST -> 400;
          case NOT_FOUND -> 404;
          case CONFLICT -> 409;
          case TOO_LARGE -> 413;
          case UNUSABLE, GATE -> 422;
          case UNAVAILABLE -> 503;
        };
    String kind = refused.kind().name().toLowerCase(Locale.ROOT).replace('_', '-');
    return new Problem(status, kind, String.valueOf(refused.getMessage()));
  }

  ObjectNode toJson() {
    return JSON.createObjectNode()
        .put("type", TYPE_PREFIX + kind)
        .put("title", kind.replace('-', ' '))
        .put("status", status)
        .put("detail", detail);
  }
}
