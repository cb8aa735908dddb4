// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * A job's complete configuration: defaults, then the job file, then overrides. A key that no {@code
 * reference.conf} knows is refused by name; an object that is empty there takes any keys (the
 * clients' own settings).
 */
public final class JobConfig {
  private static final String ROOT = "favstream";
  private static final String SET = "--set ";

  private final Config config;

  private JobConfig(Config config) {
    this.config = config;
  }

  /**
   * Completes a job.
   *
   * @param job the job file as parsed, not yet resolved
   * @param overrides {@code key=value} pairs, the last one of a key wins
   * @throws ConfigurationException where a key is unknown or of the wrong type
   */
  public static JobConfig complete(Config job, List<String> overrides) {
    return complete(job, overrides, "");
  }

  /**
   * Completes one section of a job on its own, such as {@code reward}: its defaults, then
   * overrides, through the same door as a whole job.
   *
   * @param path of the section
   * @param overrides {@code key=value} pairs, keys as they stand in the section
   * @return the section's keys alone, as they stand in it
   * @throws ConfigurationException where a key is unknown or of the wrong type
   */
  public static JobConfig section(String path, List<String> overrides) {
    return complete(ConfigFactory.empty(), overrides, path);
  }

  /**
   * The same of keys that stand elsewhere.
   *
   * @param given keys as they stand in the section
   */
  public static JobConfig section(String path, Config given) {
    return complete(given, List.of(), path);
  }

  private static JobConfig complete(Config given, List<String> overrides, String path) {
    try {
      Config merged = given;
      for (String override : overrides) {
        merged = parseOverride(override).withFallback(merged);
      }
      Config defaults = reference(path.isEmpty() ? ROOT : ROOT + "." + path);
      // Resolved together, so that a job may refer to keys which it leaves at their defaults.
      Config complete = merged.withFallback(defaults).resolve();
      requireKnown(path, complete.root(), defaults.root());
      return new JobConfig(complete);
    } catch (ConfigException e) {
      throw refused(e);
    }
  }

  /**
   * A section of the modules' {@code reference.conf} files, and of nothing else: the JVM's own
   * properties, some of which begin with our name too, are no part of it.
   */
  public static Config reference(String root) {
    return ConfigFactory.parseResources(JobConfig.class.getClassLoader(), "reference.conf")
        .getConfig(root);
  }

  private static Config parseOverride(String override) {
    int equals = override.indexOf('=');
    if (equals < 1) {
      throw new ConfigurationException(
          "--set: got '%s', expected key=value, such as learner.beta=2".formatted(override));
    }
    String key = override.substring(0, equals).strip();
    String value = override.substring(equals + 1).strip();
    // HOCON would take what follows for a comment, and drop it without a word.
    boolean comment = (value.contains("#") || value.contains("//")) && !value.contains("\"");
    if (comment) {
      return text(override, key, value);
    }
    try {
      return ConfigFactory.parseString(
          key + " = " + value, ConfigParseOptions.defaults().setOriginDescription(SET + override));
    } catch (ConfigException.Parse e) {
      return text(override, key, value); // not HOCON as it stands, such as a URL
    }
  }

  private static Config text(String override, String key, String value) {
    return ConfigFactory.parseMap(Map.of(key, value), SET + override);
  }

  private static void requireKnown(String path, ConfigObject given, ConfigObject known) {
    for (Map.Entry<String, ConfigValue> entry : given.entrySet()) {
      String key = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
      ConfigValue reference = known.get(entry.getKey());
      if (reference == null) {
        throw new ConfigurationException(
            "unknown key '%s' (%s); known here: %s"
                .formatted(
                    key,
                    entry.getValue().origin().description(),
                    String.join(", ", new TreeSet<>(known.keySet()))));
      }
      boolean section = reference.valueType() == ConfigValueType.OBJECT;
      if (section != (entry.getValue().valueType() == ConfigValueType.OBJECT)) {
        throw new ConfigurationException(
            "key '%s' (%s) %s a section of keys"
                .formatted(
                    key,
                    entry.getValue().origin().description(),
                    section ? "must be" : "is a value, not"));
      }
      if (section && !((ConfigObject) reference).isEmpty()) {
        requireKnown(key, (ConfigObject) entry.getValue(), (ConfigObject) reference);
      }
    }
  }

  /**
   * A module's settings out of this configuration.
   *
   * @param parser reads and validates; what it throws comes back as a {@link
   *     ConfigurationException} that names the key
   */
  public <T> T read(Function<Config, T> parser) {
    try {
      return parser.apply(config);
    } catch (ConfigException e) {
      throw refused(e);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * One of an enum's constants; {@code no-prior} in a file is {@code NO_PRIOR} in the code.
   *
   * @throws ConfigException.BadValue where the value is none of them, naming all
   */
  public static <E extends Enum<E>> E choice(Config section, String key, Class<E> type) {
    String value = section.getString(key);
    List<String> names = Arrays.stream(type.getEnumConstants()).map(JobConfig::nameOf).toList();
    int index = names.indexOf(value);
    if (index < 0) {
      throw new ConfigException.BadValue(
          section.getValue(key).origin(),
          key,
          "got '%s', expected one of %s".formatted(value, String.join(", ", names)));
    }
    return type.getEnumConstants()[index];
  }

  /** How a file writes an enum's constant. */
  public static String nameOf(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static ConfigurationException refused(ConfigException e) {
    return new ConfigurationException("configuration: " + e.getMessage(), e);
  }

  /** Digest of the complete configuration: lower-case hex SHA-256 of its canonical text. */
  public String sha256() {
    return sha256(render());
  }

  /** Digest of a configuration's text as {@link #render} gave it, by whatever build. */
  public static String sha256(String rendered) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(rendered.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  /** The complete configuration as HOCON text with sorted keys, fit to be run again. */
  public String render() {
    return config
        .root()
        .render(
            ConfigRenderOptions.defaults()
                .setOriginComments(false)
                .setComments(false)
                .setJson(false));
  }
}
