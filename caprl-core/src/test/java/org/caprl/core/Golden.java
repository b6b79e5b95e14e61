package org.caprl.core;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Finds the golden data: the subset bundled with the tests, or the full set that {@code CAPRL_GOLDEN} names. */
public final class Golden {
    private static final Path ROOT = locate();

    private Golden() {
    }

    /** The folder with {@code images/}, {@code qwen2_5_vl/}, {@code trl/} and so on. */
    public static Path root() {
        return ROOT;
    }

    /** True when {@code CAPRL_GOLDEN} names the full set. */
    public static boolean full() {
        return System.getenv("CAPRL_GOLDEN") != null;
    }

    /** The path of a part of the golden data; where the bundled subset lacks it, the test is skipped with the reason. */
    public static Path require(String part) {
        Path path = ROOT.resolve(part);
        if (full() && !Files.exists(path)) {
            throw new IllegalStateException("CAPRL_GOLDEN=" + ROOT + " has no " + part);
        }
        Assumptions.assumeTrue(Files.exists(path),
                () -> "SKIPPED: golden data '" + part + "' is not in the bundled subset; set CAPRL_GOLDEN to the full set to run it");
        return path;
    }

    private static Path locate() {
        String full = System.getenv("CAPRL_GOLDEN");
        Path root;
        if (full != null) {
            root = Path.of(full).toAbsolutePath();
            if (!Files.isDirectory(root)) {
                throw new IllegalStateException("CAPRL_GOLDEN=" + full + " is not a folder");
            }
        } else {
            URL bundled = Golden.class.getResource("/golden/images/images.json");
            if (bundled == null) {
                throw new IllegalStateException("the bundled golden subset is missing from the test resources");
            }
            try {
                // Inside a test jar (another module's tests) the subset is read from the source tree beside the module.
                root = "file".equals(bundled.getProtocol())
                        ? Path.of(bundled.toURI()).getParent().getParent()
                        : Path.of("..", "caprl-core", "src", "test", "resources", "golden").toAbsolutePath().normalize();
            } catch (URISyntaxException e) {
                throw new IllegalStateException(e);
            }
        }
        System.out.println("golden data: " + (full != null ? "full set " : "bundled subset ") + root);
        return root;
    }
}
