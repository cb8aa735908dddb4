// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Which code this is, as the build has written it down. */
public final class CodeVersion {
  private static final String CURRENT = read();

  private CodeVersion() {}

  /**
   * The project's version and the commit, such as {@code 0.1.0+1a2b3c4d5e6f}; with {@code -dirty}
   * where it was built with changes on top, {@code +unknown} where without git.
   */
  public static String current() {
    return CURRENT;
  }

  private static String read() {
    Properties build = new Properties();
    try (InputStream in = CodeVersion.class.getResourceAsStream("build.properties")) {
      build.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return build.getProperty("version") + "+" + build.getProperty("commit");
  }
}
