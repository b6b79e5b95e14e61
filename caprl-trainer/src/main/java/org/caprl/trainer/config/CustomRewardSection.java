package org.caprl.trainer.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.caprl.core.config.FileMustExist;
import org.caprl.core.config.Key;
import org.caprl.reward.CustomReward;

/**
 * A user's own reward.
 *
 * @param className of a class that implements {@link org.caprl.reward.Reward}
 * @param weight in the sum of the parts
 * @param jar where the class is
 * @param options for its constructor
 */
public record CustomRewardSection(
        @Key(name = "class", doc = "Name of a public class that implements `org.caprl.reward.Reward`, with a public constructor that takes "
                + "nothing or a `Map<String, String>`.") String className,
        @Key(doc = "Weight of the reward; 0 measures it only.", defaultValue = "1.0") double weight,
        @Key(doc = "Jar of the class; without one it is looked for on the class path.") @FileMustExist Optional<Path> jar,
        @Key(doc = "Texts for the constructor, by name.", defaultValue = "{}") Map<String, String> options) {
    /** @throws IllegalArgumentException if there is no such class */
    public CustomRewardSection {
        CustomReward.check(className, jar);
    }
}
