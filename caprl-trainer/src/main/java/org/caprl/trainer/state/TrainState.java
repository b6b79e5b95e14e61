package org.caprl.trainer.state;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.DiskFailure;
import org.caprl.core.data.Cursor;

/**
 * Where a run stands after a step, beside weights and moments. Random numbers need no state: they are drawn from seed and step.
 *
 * @param step last completed step; 0 before training
 * @param optimizerSteps updates made so far
 * @param weightVersion version of the weights
 * @param seed of the run
 * @param data where the training samples go on
 * @param recipe whatever else the recipe wants back; a JSON null where it wants nothing
 */
public record TrainState(int step, int optimizerSteps, long weightVersion, long seed, Cursor data, JsonNode recipe) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES, DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** @throws IllegalArgumentException if a count is negative */
    public TrainState {
        Objects.requireNonNull(data, "data");
        Objects.requireNonNull(recipe, "recipe");
        if (step < 0 || optimizerSteps < 0) {
            throw new IllegalArgumentException("steps count from 0, got step " + step + ", optimizer steps " + optimizerSteps);
        }
    }

    void write(Path file) {
        try {
            Files.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
        } catch (IOException e) {
            throw DiskFailure.writing(file, e);
        }
    }

    /** @throws InputException if the file is missing or not what {@link #write} writes */
    static TrainState read(Path file) {
        try {
            return JSON.readValue(Files.readAllBytes(file), TrainState.class);
        } catch (JsonProcessingException e) {
            throw new InputException(file + " is not the state of a run (" + e.getOriginalMessage() + ")", e);
        } catch (IOException e) {
            throw new InputException("cannot read " + file + " (" + e.getClass().getSimpleName() + ")", e);
        }
    }
}
