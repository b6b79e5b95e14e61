package org.caprl.trainer.launch;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.trainer.state.RunRecord;

/** The README.md of an exported model: what it is, what it is worth before and after the run, how it was trained, how it is loaded. */
final class ModelCard {
    private ModelCard() {
    }

    /**
     * The card, in Markdown with the metadata of the Hugging Face Hub.
     *
     * @param name of the model
     * @param architecture class in {@code transformers}, such as {@code Qwen2_5_VLForConditionalGeneration}
     * @param sees whether it takes images
     * @param dtype of the stored weights
     * @param parameters how many
     * @param run what it was trained by; empty where it is no run's checkpoint
     */
    static String text(String name, String architecture, boolean sees, String dtype, long parameters, Optional<RunRecord> run) {
        StringBuilder card = new StringBuilder();
        card.append("---\nlibrary_name: transformers\npipeline_tag: ").append(sees ? "image-text-to-text" : "text-generation").append('\n');
        card.append(run.isPresent() ? "tags:\n- image-captioning\n- reinforcement-learning\n- grpo\n- caprl\n" : "").append("---\n\n");
        card.append("# ").append(name).append("\n\n");
        card.append(String.format(Locale.ROOT, "%s, %,d parameters in %s", architecture, parameters, dtype));
        run.ifPresentOrElse(r -> trained(card, r), () -> card.append(".\n"));
        card.append("\n## Use\n\n```python\n").append(sees ? useWithImage() : useWithText()).append("```\n");
        run.ifPresent(r -> card.append("\n## Settings of the run\n\nEvery key is explained by `caprl config`.\n\n````yaml\n")
                .append(r.config().strip()).append("\n````\n"));
        return card.toString();
    }

    private static void trained(StringBuilder card, RunRecord run) {
        card.append(". Trained for ").append(String.format(Locale.ROOT, "%,d", run.step())).append(run.step() == 1 ? " step" : " steps")
                .append(" of GRPO to write image captions from which a frozen language model, which never sees the image, can answer "
                        + "questions (CapRL, [arXiv 2509.22647](https://arxiv.org/abs/2509.22647)), with CapRL for Java.\n");
        List<StepMetrics> evaluated = run.metrics().stream().filter(m -> m.get(MetricKey.EVAL_QA_ACCURACY).isPresent()).toList();
        if (evaluated.isEmpty()) {
            return;
        }
        StepMetrics before = evaluated.getFirst();
        StepMetrics after = evaluated.getLast();
        card.append("\n## Results\n\nOn held-out images, one greedy caption each")
                .append(after.step() == run.step() ? "" : "; the last evaluation "
                + "was made after step " + after.step() + ", and these weights are those of step " + run.step()).append(":\n\n");
        card.append("| | before (step ").append(before.step()).append(") | after (step ").append(after.step())
                .append(") |\n|---|---|---|\n");
        row(card, "questions answered from the caption", MetricKey.EVAL_QA_ACCURACY, before, after);
        row(card, "true facts stated, of all", MetricKey.EVAL_FACTS_TRUE, before, after);
        row(card, "false facts, of those stated", MetricKey.EVAL_FACTS_FALSE, before, after);
    }

    private static void row(StringBuilder card, String name, MetricKey key, StepMetrics before, StepMetrics after) {
        OptionalDouble from = before.get(key);
        OptionalDouble to = after.get(key);
        if (from.isPresent() && to.isPresent()) {
            card.append(String.format(Locale.ROOT, "| %s | %.3f | %.3f |%n", name, from.getAsDouble(), to.getAsDouble()));
        }
    }

    private static String useWithImage() {
        return """
                from PIL import Image
                from transformers import AutoModelForImageTextToText, AutoProcessor

                folder = "."  # this folder
                model = AutoModelForImageTextToText.from_pretrained(folder, dtype="auto")
                processor = AutoProcessor.from_pretrained(folder)
                # A space follows the image, as in training.
                messages = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": " Please describe this image \
                in detail."}]}]
                text = processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
                inputs = processor(text=[text], images=[Image.open("image.png")], return_tensors="pt")
                ids = model.generate(**inputs, max_new_tokens=256)
                print(processor.batch_decode(ids[:, inputs["input_ids"].shape[1]:], skip_special_tokens=True)[0])
                """;
    }

    private static String useWithText() {
        return """
                from transformers import AutoModelForCausalLM, AutoTokenizer

                folder = "."  # this folder
                model = AutoModelForCausalLM.from_pretrained(folder, dtype="auto")
                tokenizer = AutoTokenizer.from_pretrained(folder)
                inputs = tokenizer.apply_chat_template([{"role": "user", "content": "..."}], add_generation_prompt=True, return_dict=True,
                                                       return_tensors="pt")
                ids = model.generate(**inputs, max_new_tokens=256)
                print(tokenizer.decode(ids[0, inputs["input_ids"].shape[1]:], skip_special_tokens=True))
                """;
    }
}
