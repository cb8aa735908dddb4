// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.favstream.actors.runtime.Faults;
import org.favstream.infra.broker.BrokerMain;
import org.favstream.infra.cli.Favstream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may know whom, over all modules. */
class LayeringTest {
  private static final String[] LOG = {"org.apache.kafka..", "kafka..", "org.apache.pekko.."};

  private static final JavaClasses OURS =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.favstream");

  @Test
  void shouldSeeTheClassesOfEveryModule() {
    for (String module : List.of("protocol", "actors", "sampler", "reward", "learner", "infra")) {
      assertThat(OURS)
          .describedAs(module)
          .anyMatch(
              known -> known.getPackageName().startsWith("org.favstream." + module)); // or all pass
    }
  }

  @Test
  void shouldKnowOnlyTheModulesBelow() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("org.favstream..")
        .layer("protocol")
        .definedBy("org.favstream.protocol..")
        .layer("actors")
        .definedBy("org.favstream.actors..")
        .layer("sampler")
        .definedBy("org.favstream.sampler..")
        .layer("reward")
        .definedBy("org.favstream.reward..")
        .layer("learner")
        .definedBy("org.favstream.learner..")
        .layer("infra")
        .definedBy("org.favstream.infra..")
        .whereLayer("infra")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("learner")
        .mayOnlyBeAccessedByLayers("infra")
        .whereLayer("reward")
        .mayOnlyBeAccessedByLayers("infra")
        .whereLayer("sampler")
        .mayOnlyBeAccessedByLayers("infra", "learner", "reward")
        .whereLayer("actors")
        .mayOnlyBeAccessedByLayers("infra", "learner", "reward", "sampler")
        .whereLayer("protocol")
        .mayOnlyBeAccessedByLayers("infra", "learner", "reward", "sampler", "actors")
        .ensureAllClassesAreContainedInArchitecture()
        .check(OURS);
  }

  @Test
  void shouldKeepTheProtocolToItselfAndProtobuf() {
    classes()
        .that()
        .resideInAPackage("org.favstream.protocol..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "org.favstream.protocol..", "com.google.protobuf..", "java..", "org.jspecify..")
        .check(OURS);
    noClasses()
        .that()
        .resideOutsideOfPackage("org.favstream.protocol..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.favstream.protocol.wire..")
        .because("the generated classes are bytes in the making; others see records")
        .check(OURS);
  }

  @Test
  void shouldKeepActorsAndTheLogOutOfMathematicsAndModels() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "org.favstream.sampler..", "org.favstream.reward..", "org.favstream.learner..")
        .and()
        .resideOutsideOfPackage("..node..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(LOG)
        .check(OURS);
    noClasses()
        .that()
        .resideInAnyPackage(
            "org.favstream.actors.config..",
            "org.favstream.actors.engine..",
            "org.favstream.actors.weights..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(LOG)
        .check(OURS);
  }

  @Test
  void shouldLetNothingOfAModuleKnowItsNode() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "org.favstream.sampler..", "org.favstream.reward..", "org.favstream.learner..")
        .and()
        .resideOutsideOfPackage("..node..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.favstream..node..") // Jackson has a package node too
        .check(OURS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"actors", "sampler", "reward", "learner", "infra"})
  void shouldHaveNoCyclesBetweenThePackagesOfAModule(String module) {
    slices()
        .matching("org.favstream." + module + ".(*)..")
        .should()
        .beFreeOfCycles()
        // It puts faults into words, for everyone.
        .ignoreDependency(alwaysTrue(), type(Faults.class))
        .check(OURS);
  }

  @Test
  void shouldMakeTopicsInOnePlace() {
    noClasses()
        .that()
        .resideOutsideOfPackages("org.favstream.actors.kafka..", "org.favstream.infra.run..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.kafka.clients.admin..")
        .check(OURS);
  }

  @Test
  void shouldKeepTheBrokerInItsPackage() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.favstream.infra.broker..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "kafka..",
            "org.apache.kafka.metadata..",
            "org.apache.kafka.server..",
            "org.apache.kafka.raft..")
        .because("runs against a given cluster have none of it")
        .check(OURS);
  }

  @Test
  void shouldKeepTensorsOfTheEngineOutOfPlainJava() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "org.favstream.actors.config..",
            "org.favstream.actors.kafka..",
            "org.favstream.actors.runtime..",
            "org.favstream.actors.weights..",
            "org.favstream.sampler.arm..",
            "org.favstream.sampler.context..",
            "org.favstream.sampler.environment..",
            "org.favstream.sampler.noise..",
            "org.favstream.sampler.reaction..",
            "org.favstream.reward.backtest..",
            "org.favstream.learner.checkpoint..",
            "org.favstream.learner.intake..",
            "org.favstream.learner.lineage..",
            "org.favstream.learner.svgd..",
            "org.favstream.infra.broker..",
            "org.favstream.infra.report..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.djl..")
        .check(OURS);
  }

  @Test
  void shouldKeepTheCommandLineAtTheTop() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.favstream.infra.cli..")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("org.favstream.infra.cli..", "picocli..").as("the command line"))
        .check(OURS);
  }

  @Test
  void shouldEndTheJvmFromMainOnly() {
    noClasses()
        .that(
            not(belongToAnyOf(Favstream.class, BrokerMain.class))
                .as("are not one of the two main classes"))
        .should()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .check(OURS);
  }
}
