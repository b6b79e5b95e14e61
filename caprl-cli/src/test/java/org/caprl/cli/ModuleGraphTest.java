package org.caprl.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.caprl.core.MainClasses;

/**
 * Rules over the classes of all modules: their order, Ray's two rooms, and the names that say nothing.
 *
 * <p>A rule about a module that has no classes yet holds.
 */
@AnalyzeClasses(packages = "org.caprl", importOptions = MainClasses.class)
class ModuleGraphTest {
    @ArchTest
    static final ArchRule coreImportsNoOtherModule = from("core", "rollout", "reward", "trainer", "cli");

    @ArchTest
    static final ArchRule rolloutImportsCoreOnly = from("rollout", "reward", "trainer", "cli");

    @ArchTest
    static final ArchRule rewardImportsCoreOnly = from("reward", "rollout", "trainer", "cli");

    @ArchTest
    static final ArchRule trainerDoesNotImportTheCommandLine = from("trainer", "cli");

    @ArchTest
    static final ArchRule rayStaysInItsTwoRooms = noClasses().that().resideOutsideOfPackages("org.caprl.rollout.ray..",
            "org.caprl.trainer.launch..").should().dependOnClassesThat().resideInAPackage("io.ray..");

    @ArchTest
    static final ArchRule theWebServerStaysInItsRoom = noClasses().that().resideOutsideOfPackage("org.caprl.reward.server..")
            .should().dependOnClassesThat().resideInAnyPackage("io.javalin..", "org.eclipse.jetty..", "jakarta.servlet..",
                    "io.prometheus..", "kotlin..");

    @ArchTest
    static final ArchRule namesSayWhatAClassIs = noClasses().should().haveSimpleNameEndingWith("Manager")
            .orShould().haveSimpleNameEndingWith("Helper").orShould().haveSimpleNameEndingWith("Helpers")
            .orShould().haveSimpleNameEndingWith("Util").orShould().haveSimpleNameEndingWith("Utils");

    private static ArchRule from(String module, String... forbidden) {
        String[] packages = new String[forbidden.length];
        for (int i = 0; i < packages.length; i++) {
            packages[i] = "org.caprl." + forbidden[i] + "..";
        }
        return noClasses().that().resideInAPackage("org.caprl." + module + "..").should().dependOnClassesThat()
                .resideInAnyPackage(packages).allowEmptyShould(true);
    }
}
