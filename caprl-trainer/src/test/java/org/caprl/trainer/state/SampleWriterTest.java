package org.caprl.trainer.state;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.ImageOnDisk;
import org.caprl.reward.GroupToScore.CaptionText;
import org.caprl.reward.Score;
import org.caprl.reward.ScoredCaption;
import org.caprl.reward.ScoredGroup;
import org.caprl.reward.qa.MarkedQuestion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleWriterTest {
    @TempDir
    Path temp;

    @Test
    void aLineACaptionWithItsQuestions() throws IOException {
        MarkedQuestion right = new MarkedQuestion("What colour?", List.of("blue", "red"), "B", " B) red", "B", true);
        MarkedQuestion refused = new MarkedQuestion("What size?", List.of("big", "small"), "A", " F", "F", false);
        CaptionSample sample = new CaptionSample("000017", List.of(new ImageOnDisk(Path.of("a.png"))), CaptionSample.defaultPrompt(1),
                "shapes", List.of(),
                Optional.empty(), List.of());
        ScoredGroup group = new ScoredGroup(sample, List.of(
                new ScoredCaption(new CaptionText("A \"red\" circle.", 5),
                        Map.of("qa", new Score(0.5, Optional.empty(), List.of(right, refused))), 0.5, Optional.empty()),
                new ScoredCaption(new CaptionText("Ein grüner Kreis", 3), Map.of("qa", Score.unscored("no answer")), Double.NaN,
                        Optional.of("qa: no answer"))));
        SampleWriter samples = new SampleWriter(temp);
        samples.write(3, List.of());
        samples.write(3, List.of(group));
        assertEquals("""
                {"step":3,"id":"000017","index":0,"caption":"A \\"red\\" circle.","tokens":5,"reward":0.5,"rewards":{"qa":{"value":0.5,\
                "details":[{"question":"What colour?","options":["blue","red"],"right":"B","answer":" B) red","chosen":"B","correct":true},\
                {"question":"What size?","options":["big","small"],"right":"A","answer":" F","chosen":"F","correct":false}]}}}
                {"step":3,"id":"000017","index":1,"caption":"Ein grüner Kreis","tokens":3,"reward":null,"unscored":"qa: no answer",\
                "rewards":{"qa":{"value":null,"unscored":"no answer"}}}
                """, Files.readString(temp.resolve("samples/step-3.jsonl")));
    }
}
