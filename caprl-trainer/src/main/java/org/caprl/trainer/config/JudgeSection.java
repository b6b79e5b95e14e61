package org.caprl.trainer.config;

import java.nio.file.Path;
import org.caprl.core.config.FileMustExist;
import org.caprl.core.config.Key;
import org.caprl.core.nn.WeightType;

/**
 * A language model that grades captions.
 *
 * @param weight in the sum of the parts
 * @param path its folder
 * @param dtype of its weights in memory
 * @param template its user turn
 * @param temperature of its replies
 * @param maxTokens of a reply
 */
public record JudgeSection(
        @Key(doc = "Weight of the judge's grade; 0 measures it only.", defaultValue = "1.0", min = 0) double weight,
        @Key(doc = "Folder of the judge, a text or vision-language model. The answerer's own folder is loaded once.") @FileMustExist
        Path path,
        @Key(doc = "Type of the judge's weights in memory.", defaultValue = "float32") WeightType dtype,
        @Key(doc = "What the judge is told: `default` (the caption against the row's `caption`), or a text file with the place `{caption}` "
                + "and, if wanted, `{reference}`, the row's `caption`.", defaultValue = "default", mayBeFile = true)
        String template,
        @Key(doc = "Temperature of the judge; 0 takes its most probable reply.", defaultValue = "0.2", min = 0) double temperature,
        @Key(doc = "Most tokens of a reply.", defaultValue = "256", min = 1) int maxTokens) {
}
