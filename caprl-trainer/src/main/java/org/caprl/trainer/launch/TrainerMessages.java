package org.caprl.trainer.launch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.caprl.core.data.Cursor;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.core.model.Prompt;
import org.caprl.reward.judge.TextWriter;
import org.caprl.reward.qa.Answer;
import org.caprl.reward.qa.CaptionQuestions;
import org.caprl.reward.qa.LetterLogProbs;
import org.caprl.reward.qa.PosedQuestion;
import org.caprl.rollout.message.MessageKind;
import org.caprl.rollout.message.MessageReader;
import org.caprl.rollout.message.MessageWriter;
import org.caprl.trainer.state.TrainState;
import org.caprl.trainer.update.TrainingGroup;
import org.caprl.trainer.update.TrainingGroup.TrainingCaption;
import org.caprl.trainer.update.UpdateReport;

/** How the trainer's and the answerer's questions and answers lie in messages. */
final class TrainerMessages {
    private static final JsonMapper JSON = new JsonMapper();

    private TrainerMessages() {
    }

    /** Groups without their prompts, which travel beside them. */
    static byte[] groups(List<TrainingGroup> groups) {
        return new MessageWriter(MessageKind.TRAINING_GROUPS)
                .putAll(groups, (m, group) -> m.putAll(group.captions(), TrainerMessages::put)).bytes();
    }

    private static void put(MessageWriter m, TrainingCaption caption) {
        m.put(caption.ids()).put(caption.oldLogp() != null);
        if (caption.oldLogp() != null) {
            m.put(caption.oldLogp());
        }
        m.put(caption.advantage()).put(caption.masked());
    }

    /** @param prompts of the groups, in order */
    static List<TrainingGroup> groups(byte[] message, List<Prompt> prompts) {
        MessageReader m = new MessageReader(message, MessageKind.TRAINING_GROUPS);
        List<List<TrainingCaption>> captions = m.all(r -> r.all(TrainerMessages::caption));
        m.end();
        if (captions.size() != prompts.size()) {
            throw new IllegalArgumentException(captions.size() + " groups came with " + prompts.size() + " prompts");
        }
        List<TrainingGroup> groups = new ArrayList<>();
        for (int g = 0; g < prompts.size(); g++) {
            groups.add(new TrainingGroup(prompts.get(g), captions.get(g)));
        }
        return groups;
    }

    private static TrainingCaption caption(MessageReader m) {
        return new TrainingCaption(m.ints(), m.flag() ? m.floats() : null, m.real(), m.flag());
    }

    static byte[] report(UpdateReport r) {
        return new MessageWriter(MessageKind.UPDATE_REPORT).put(r.loss()).put(r.kl()).put(r.clipShare()).put(r.entropy()).put(r.gradNorm())
                .put(r.lr()).put(r.gapMax()).put(r.gapMean()).put(r.rows()).put(r.images()).bytes();
    }

    static UpdateReport report(byte[] message) {
        MessageReader m = new MessageReader(message, MessageKind.UPDATE_REPORT);
        UpdateReport report = new UpdateReport(m.real64(), m.real64(), m.real64(), m.real64(), m.real64(), m.real64(), m.real64(),
                m.real64(), m.number(), m.number());
        m.end();
        return report;
    }

    static byte[] state(TrainState s) {
        return new MessageWriter(MessageKind.TRAIN_STATE).put(s.step()).put(s.optimizerSteps()).put(s.weightVersion()).put(s.seed())
                .put(s.data().seed()).put(s.data().epoch()).put(s.data().position()).put(s.recipe().toString()).bytes();
    }

    static TrainState state(byte[] message) {
        MessageReader m = new MessageReader(message, MessageKind.TRAIN_STATE);
        TrainState state = new TrainState(m.integer(), m.integer(), m.number(), m.number(),
                new Cursor(m.number(), m.number(), m.number()), json(m.text()));
        m.end();
        return state;
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the state of a recipe is no JSON: " + text, e);
        }
    }

    /** Numbers of a step. */
    static byte[] metrics(StepMetrics metrics) {
        return new MessageWriter(MessageKind.METRICS)
                .putAll(metrics.values().entrySet(), (m, e) -> m.put(e.getKey().name()).put(e.getValue())).bytes();
    }

    static Map<MetricKey, Double> metrics(byte[] message) {
        MessageReader m = new MessageReader(message, MessageKind.METRICS);
        Map<MetricKey, Double> values = new LinkedHashMap<>();
        m.all(r -> Map.entry(MetricKey.named(r.text()).orElseThrow(), r.real64())).forEach(e -> values.put(e.getKey(), e.getValue()));
        m.end();
        return values;
    }

    static byte[] questions(List<CaptionQuestions> captions) {
        return new MessageWriter(MessageKind.QUESTIONS).putAll(captions, (m, c) -> m.put(c.caption())
                .putAll(c.questions(), (w, q) -> w.put(q.question()).putAll(q.options(), MessageWriter::put).put(q.right()))
                .put(c.key())).bytes();
    }

    static List<CaptionQuestions> questions(byte[] message) {
        MessageReader m = new MessageReader(message, MessageKind.QUESTIONS);
        List<CaptionQuestions> captions = m.all(r -> new CaptionQuestions(r.text(),
                r.all(q -> new PosedQuestion(q.text(), q.all(MessageReader::text), q.integer())), r.number()));
        m.end();
        return captions;
    }

    static byte[] answers(List<List<Answer>> answers) {
        return lists(MessageKind.ANSWERS, answers, TrainerMessages::put);
    }

    private static void put(MessageWriter m, Answer answer) {
        put(m.put(answer.text()), answer.failure());
    }

    private static void put(MessageWriter m, Optional<String> text) {
        m.put(text.isPresent());
        text.ifPresent(m::put);
    }

    private static Answer answer(MessageReader m) {
        return new Answer(m.text(), optional(m));
    }

    private static Optional<String> optional(MessageReader m) {
        return m.flag() ? Optional.of(m.text()) : Optional.empty();
    }

    static List<List<Answer>> answers(byte[] message) {
        return lists(message, MessageKind.ANSWERS, TrainerMessages::answer);
    }

    static byte[] letters(List<List<LetterLogProbs>> letters) {
        return lists(MessageKind.LETTERS, letters, (m, l) -> put(m.put(l.byLetter()), l.failure()));
    }

    static List<List<LetterLogProbs>> letters(byte[] message) {
        return lists(message, MessageKind.LETTERS, m -> new LetterLogProbs(m.doubles(), optional(m)));
    }

    static byte[] texts(List<TextWriter.Request> texts) {
        return new MessageWriter(MessageKind.TEXTS).putAll(texts, (m, t) -> m.put(t.userTurn()).put(t.key())).bytes();
    }

    static List<TextWriter.Request> texts(byte[] message) {
        MessageReader m = new MessageReader(message, MessageKind.TEXTS);
        List<TextWriter.Request> texts = m.all(r -> new TextWriter.Request(r.text(), r.number()));
        m.end();
        return texts;
    }

    static byte[] replies(List<Answer> replies) {
        return new MessageWriter(MessageKind.REPLIES).putAll(replies, TrainerMessages::put).bytes();
    }

    static List<Answer> replies(byte[] message) {
        MessageReader m = new MessageReader(message, MessageKind.REPLIES);
        List<Answer> replies = m.all(TrainerMessages::answer);
        m.end();
        return replies;
    }

    private static <T> byte[] lists(MessageKind kind, List<List<T>> lists, BiConsumer<MessageWriter, T> each) {
        return new MessageWriter(kind).putAll(lists, (m, list) -> m.putAll(list, each)).bytes();
    }

    private static <T> List<List<T>> lists(byte[] message, MessageKind kind, Function<MessageReader, T> each) {
        MessageReader m = new MessageReader(message, kind);
        List<List<T>> lists = m.all(r -> r.all(each));
        m.end();
        return lists;
    }
}
