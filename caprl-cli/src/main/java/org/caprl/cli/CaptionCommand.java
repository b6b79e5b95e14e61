package org.caprl.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.caprl.core.InputException;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.generate.StopRule;
import org.caprl.trainer.launch.CaptionLaunch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code caprl caption}: captions of images. */
@Command(name = "caption", description = "Writes captions of images with a vision-language model.",
        sortOptions = false, optionListHeading = "%nOptions:%n", footerHeading = "%nExamples:%n",
        footer = {"  caprl caption --model DIR --image photo.jpg",
            "  caprl caption --model DIR --image a.png b.png --temperature 1 --n 4 --json",
            "%nAll images are read first; if some can't be, all of these are named and nothing is written."})
final class CaptionCommand implements Runnable {
    @Mixin
    private ModelOptions model;

    @Option(names = "--image", paramLabel = "FILE", required = true, arity = "1..*",
            description = "PNG, JPEG, WebP, GIF or BMP; repeatable.")
    private List<Path> images;

    @Option(names = "--prompt", paramLabel = "TEXT", defaultValue = CaptionSample.DEFAULT_PROMPT,
            description = "The user's text; <image> in it marks the image's place (default: ${DEFAULT-VALUE}).")
    private String prompt;

    @Option(names = "--max-new-tokens", paramLabel = "N", defaultValue = "256",
            description = "Most tokens of a caption (default: ${DEFAULT-VALUE}).")
    private int maxNewTokens;

    @Option(names = "--temperature", paramLabel = "T", defaultValue = "0",
            description = "0, the default, takes the most probable token each time.")
    private double temperature;

    @Option(names = "--top-p", paramLabel = "P", defaultValue = "1", description = "Nucleus (default: 1, all).")
    private double topP;

    @Option(names = "--top-k", paramLabel = "K", defaultValue = "0", description = "Most probable tokens to keep (default: 0, all).")
    private int topK;

    @Option(names = "--min-p", paramLabel = "P", defaultValue = "0",
            description = "Least probability relative to the most probable token (default: 0).")
    private double minP;

    @Option(names = "--repetition-penalty", paramLabel = "N", defaultValue = "1",
            description = "On tokens that occurred (default: 1, none).")
    private double repetitionPenalty;

    @Option(names = "--n", paramLabel = "N", defaultValue = "1", description = "Captions of each image (default: 1).")
    private int perImage;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "0", description = "Of the draws (default: 0).")
    private long seed;

    @Option(names = "--stop", paramLabel = "TEXT", arity = "1..*", description = "Texts that end a caption.")
    private List<String> stop = List.of();

    @Option(names = "--json", description = "JSON on standard output: [{image, captions: [{text, tokens, finish, logprob}]}].")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        if (perImage < 1 || perImage > 1 && temperature == 0) {
            throw new InputException("--n is " + perImage + (perImage < 1 ? "; give at least 1"
                    : ", but at --temperature 0 all captions of an image are the same; give a temperature above 0"));
        }
        PrintWriter err = spec.commandLine().getErr();
        List<CaptionLaunch.OfImage> captions = new CaptionLaunch(model.model(), model.dtype(), images, prompt, perImage, sampling(),
                seed, model.backend(), model.threads()).run(line -> {
                    err.println(line);
                    err.flush();
                });
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.print(JsonOutput.of(captions));
        } else {
            for (CaptionLaunch.OfImage image : captions) {
                image.captions().forEach(c -> out.printf(Locale.ROOT, "%s: %s%s%n", image.image(), c.text(),
                        c.finish().equals("length") ? " [cut off at " + c.tokens() + " tokens]" : ""));
            }
        }
        out.flush();
    }

    private SamplingParams sampling() {
        try {
            return new SamplingParams(temperature, topK, topP, minP, repetitionPenalty, maxNewTokens, stop, List.of(), StopRule.NONE);
        } catch (IllegalArgumentException e) {
            throw new InputException("sampling options: " + e.getMessage(), e);
        }
    }
}
