package org.caprl.core.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A configuration with every kind of value, for the tests of this package. */
record SmallConfig(
        @Key(doc = "Seed of the run.", defaultValue = "17") long seed,
        @Key(doc = "Which kernels | compute.", defaultValue = "auto", choices = {"auto", "cpu", "reference"}) String backend,
        @Key(doc = "Where the rows come from.") Data data,
        @Key(doc = "The update.") Trainer trainer,
        @Key(doc = "Ids that end a caption.", defaultValue = "[]", min = 0) List<Integer> stopIds,
        @Key(doc = "Weight of each reward.", defaultValue = "{qa: 1.0}", min = 0) Map<String, Double> rewards,
        @Key(doc = "Stages, one after the other.", defaultValue = "[]") List<Stage> stages) {

    record Data(
            @Key(doc = "Rows to learn from.") @FileMustExist Path train,
            @Key(doc = "Rows to measure on.") Optional<Path> eval,
            @Key(doc = "Rows to draw when there are none.") Optional<Synth> synth) {
    }

    record Synth(@Key(doc = "How many.", min = 1) int rows, @Key(doc = "Seed of the scenes.", defaultValue = "1") int seed) {
    }

    record Trainer(
            @Key(doc = "How many steps.", min = 1) int steps,
            @Key(doc = "Learning rate.", defaultValue = "1e-5", exclusiveMin = 0, max = 1) double lr,
            @Key(doc = "Report each step.", defaultValue = "true") boolean verbose,
            @Key(doc = "The loss.") Loss loss) {
    }

    record Loss(
            @Key(doc = "How losses are averaged.", defaultValue = "dapo") Average average,
            @Key(doc = "Lower clip.", defaultValue = "0.2", min = 0, exclusiveMax = 1) float clipLow,
            @Key(doc = "Upper clip.", defaultValue = "0.2", min = 0) float clipHigh) {
        Loss {
            if (clipLow > clipHigh) {
                throw new IllegalArgumentException("clip_low " + clipLow + " is above clip_high " + clipHigh);
            }
        }
    }

    record Stage(@Key(doc = "Its name.") String name, @Key(doc = "Its steps.", defaultValue = "1", min = 1) int steps) {
    }

    enum Average { GRPO, DR_GRPO, DAPO }
}
