package org.caprl.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Rules of the packages of this module. */
@AnalyzeClasses(packages = "org.caprl.core", importOptions = MainClasses.class)
class PackageGraphTest {
    @ArchTest
    static final ArchRule noCycles = slices().matching("org.caprl.core.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule backendsAreFoundByServiceLoader = noClasses().that().resideOutsideOfPackage("org.caprl.core.kernels..")
            .should().dependOnClassesThat().resideInAPackage("org.caprl.core.kernels..");

    @ArchTest
    static final ArchRule theWaistKnowsNoModel = noClasses().that().resideInAPackage("org.caprl.core.tensor")
            .should().dependOnClassesThat()
            .resideInAnyPackage("org.caprl.core.autograd..", "org.caprl.core.nn..", "org.caprl.core.model..");
}
