package org.caprl.trainer.launch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.Map;
import org.caprl.core.data.Cursor;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.core.model.Prompt;
import org.caprl.reward.qa.Answer;
import org.caprl.reward.qa.CaptionQuestions;
import org.caprl.reward.qa.LetterLogProbs;
import org.caprl.reward.qa.PosedQuestion;
import org.caprl.trainer.state.TrainState;
import org.caprl.trainer.update.TrainingGroup;
import org.caprl.trainer.update.TrainingGroup.TrainingCaption;
import org.caprl.trainer.update.UpdateReport;
import org.junit.jupiter.api.Test;

class TrainerMessagesTest {
    @Test
    void groupsComeBackWithTheirPrompts() {
        Prompt cat = Prompt.text("cat", 1, 2);
        Prompt dog = Prompt.text("dog", 3);
        float nan = Float.intBitsToFloat(0x7fc01234);
        List<TrainingGroup> groups = List.of(
                new TrainingGroup(cat, List.of(new TrainingCaption(new int[] {5, 6}, new float[] {-0.0f, nan}, -1.25f, false),
                        new TrainingCaption(new int[0], new float[0], 3, true))),
                new TrainingGroup(dog, List.of(new TrainingCaption(new int[] {7}, null, Float.MIN_VALUE, false))));
        byte[] message = TrainerMessages.groups(groups);
        List<TrainingGroup> read = TrainerMessages.groups(message, List.of(cat, dog));
        assertSame(cat, read.getFirst().prompt());
        TrainingCaption first = read.getFirst().captions().getFirst();
        assertArrayEquals(new int[] {5, 6}, first.ids());
        assertEquals(0x80000000, Float.floatToRawIntBits(first.oldLogp()[0]));
        assertEquals(0x7fc01234, Float.floatToRawIntBits(first.oldLogp()[1]));
        assertEquals(-1.25f, first.advantage());
        assertEquals(List.of(false, true), read.getFirst().captions().stream().map(TrainingCaption::masked).toList());
        assertNull(read.get(1).captions().getFirst().oldLogp());
        assertEquals(Float.MIN_VALUE, read.get(1).captions().getFirst().advantage());
        assertThrows(IllegalArgumentException.class, () -> TrainerMessages.groups(message, List.of(cat)));
    }

    @Test
    void reportsStatesAndMetricsComeBack() throws Exception {
        UpdateReport report = new UpdateReport(1.5, Double.NaN, 0.25, 2, -0.0, 1e-300, 7, Double.POSITIVE_INFINITY, 1L << 40, 3);
        assertEquals(report, TrainerMessages.report(TrainerMessages.report(report)));
        TrainState state = new TrainState(7, 14, 1L << 40, -5, new Cursor(-1, 2, 3), new JsonMapper().readTree("{\"ä\": [1, null]}"));
        assertEquals(state, TrainerMessages.state(TrainerMessages.state(state)));
        StepMetrics metrics = StepMetrics.at(0).put(MetricKey.memory("weights"), 1L << 50).put(MetricKey.LOSS_TOTAL, Double.NaN).build();
        assertEquals(Map.of(MetricKey.memory("weights"), (double) (1L << 50), MetricKey.LOSS_TOTAL, Double.NaN),
                TrainerMessages.metrics(TrainerMessages.metrics(metrics)));
    }

    @Test
    void questionsAndAnswersComeBack() {
        List<CaptionQuestions> questions = List.of(
                new CaptionQuestions("Ein Würfel\n", List.of(new PosedQuestion("What?", List.of("red", "", "red"), 2)), Long.MIN_VALUE),
                new CaptionQuestions("", List.of(), 0));
        assertEquals(questions, TrainerMessages.questions(TrainerMessages.questions(questions)));
        List<List<Answer>> answers = List.of(List.of(Answer.of(" A."), Answer.failed("too long")), List.of());
        assertEquals(answers, TrainerMessages.answers(TrainerMessages.answers(answers)));
        double[] letters = {-0.0, -1e-300, Double.longBitsToDouble(0x7ff8000000000abcL), 4, 5, 6};
        byte[] message = TrainerMessages.letters(List.of(List.of(new LetterLogProbs(letters))));
        double[] read = TrainerMessages.letters(message).getFirst().getFirst().byLetter();
        for (int i = 0; i < letters.length; i++) {
            assertEquals(Double.doubleToRawLongBits(letters[i]), Double.doubleToRawLongBits(read[i]));
        }
    }
}
