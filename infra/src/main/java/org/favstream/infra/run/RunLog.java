// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.FileAppender;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** Everything that is logged while a run goes on, with traces, in a file of the run's folder. */
final class RunLog implements AutoCloseable {
  private final Logger root;
  private final FileAppender<ILoggingEvent> file;

  RunLog(Path path) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%d{yyyy-MM-dd HH:mm:ss.SSS} %-5level [%thread] %logger{30} %msg%n%ex");
    encoder.start();
    file = new FileAppender<>();
    file.setContext(context);
    file.setFile(path.toString());
    file.setEncoder(encoder);
    file.start();
    root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.addAppender(file);
  }

  @Override
  public void close() {
    root.detachAppender(file);
    file.stop();
  }
}
