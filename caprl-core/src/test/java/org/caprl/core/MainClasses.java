package org.caprl.core;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import java.util.regex.Pattern;

/** Leaves tests out of package rules, by folder, by jar, and by class name where a build mixes both. */
public final class MainClasses implements ImportOption {
    private static final Pattern TESTS = Pattern.compile("/test-classes/|-tests\\.jar|Test(\\$[^/]*)?\\.class$");

    @Override
    public boolean includes(Location location) {
        return !TESTS.matcher(location.asURI().toString()).find();
    }
}
