package org.caprl.trainer.recipe;

import java.util.List;
import org.caprl.core.data.synth.PolicyExample;
import org.caprl.core.data.synth.PolicyExamples;
import org.caprl.core.data.synth.SceneImage;
import org.caprl.core.image.RgbImage;
import org.caprl.core.model.PackedGroup;
import org.caprl.core.model.load.Processor;
import org.caprl.core.text.ChatMessage;
import org.caprl.core.text.ContentPart;

/**
 * Image and caption examples of the synthetic world, drawn as they are asked for: no image is seen twice.
 *
 * @param examples scenes and captions
 * @param processor of the model that is trained
 */
public record PolicyWarmStart(PolicyExamples examples, Processor processor) implements SftSource {
    @Override
    public PackedGroup example(long index) {
        PolicyExample example = examples.get(index);
        List<ChatMessage> messages = List.of(new ChatMessage("user",
                List.of(new ContentPart.Image(), new ContentPart.Text(" " + example.prompt()))));
        RgbImage image = new RgbImage(SceneImage.SIDE, SceneImage.SIDE, example.rgb());
        return new PackedGroup(processor.prompt("warm start " + index, messages, List.of(image)),
                List.of(SftText.completion(processor, example.caption())));
    }
}
