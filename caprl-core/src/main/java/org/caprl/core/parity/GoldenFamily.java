package org.caprl.core.parity;

import java.nio.file.Path;
import java.util.List;

/**
 * Golden data of one architecture.
 *
 * @param name of its folder
 * @param layouts checkpoint folders: the same weights, stored in different ways
 * @param cases folders of prompts with what was computed for them
 */
public record GoldenFamily(String name, List<Path> layouts, List<Path> cases) {
}
