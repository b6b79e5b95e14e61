package org.caprl.reward.qa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.caprl.core.Golden;
import org.caprl.core.RunStoppedException;
import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.Models;
import org.caprl.core.model.load.Processor;
import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;
import org.caprl.core.text.ChatMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LocalAnswererTest {
    private static final String CAPTION = "A red circle to the left of a green square.";
    private static final List<PosedQuestion> QUESTIONS = List.of(
            new PosedQuestion("What colour is the circle?", List.of("red", "blue", "green", "yellow"), 0),
            new PosedQuestion("Is there a square?", List.of("no", "yes"), 1),
            new PosedQuestion("What is right of the circle?", List.of("a star", "a bar", "a square"), 2));

    private final Path folder = Golden.require("qwen2_untied/checkpoint");
    private final TensorOps ops = Backends.open("auto", 2).ops();
    private final CausalLm model = Models.load(folder, ops);
    private final Processor processor = Processor.load(folder);
    private final AnswererPrompt prompt = AnswererPrompt.named("short");

    @AfterEach
    void close() {
        processor.close();
        model.close();
        ops.close();
    }

    private LocalAnswerer answerer(double temperature, int maxTokens, int kvRows) {
        return new LocalAnswerer(model, ops, processor, prompt, temperature, maxTokens,
                new GeneratorLimits(16, kvRows, 256, "reward.kv_rows"));
    }

    @Test
    void anAnswerDependsOnItsOwnCaptionQuestionAndKeyAlone() {
        CaptionQuestions first = new CaptionQuestions(CAPTION, QUESTIONS, 11);
        CaptionQuestions second = new CaptionQuestions("Nothing.", QUESTIONS.subList(1, 3), 12);
        try (LocalAnswerer answerer = answerer(1.0, 10, 4096)) {
            List<List<Answer>> both = answerer.answer(List.of(first, second));
            assertEquals(List.of(3, 2), both.stream().map(List::size).toList());
            assertEquals(both.reversed(), answerer.answer(List.of(second, first)));
            CaptionQuestions one = new CaptionQuestions(CAPTION, QUESTIONS.subList(0, 1), 11);
            assertEquals(both.getFirst().subList(0, 1), answerer.answer(List.of(one)).getFirst());
        }
    }

    @Test
    void anAnswerEndsAtItsFirstLetter() {
        try (LocalAnswerer answerer = answerer(1.0, 200, 16384)) {
            List<CaptionQuestions> asked = IntStream.range(0, 8).mapToObj(i -> new CaptionQuestions(CAPTION, QUESTIONS, i)).toList();
            List<String> texts = answerer.answer(asked).stream().flatMap(List::stream).map(Answer::text).toList();
            List<String> withLetter = texts.stream().filter(text -> text.chars().anyMatch(c -> c >= 'A' && c <= 'I')).toList();
            assertTrue(withLetter.size() > 12, "random weights come to a letter in 200 tokens: " + withLetter.size());
            for (String text : withLetter) {
                int letter = IntStream.range(0, text.length()).filter(i -> text.charAt(i) >= 'A' && text.charAt(i) <= 'I').findFirst()
                        .orElseThrow();
                assertTrue(text.length() - letter < 20, "nothing but the rest of its token follows the letter in '" + text + "'");
            }
        }
    }

    @Test
    void aCaptionThatIsTooLongFailsAloneAndSaysWhy() {
        CaptionQuestions fits = new CaptionQuestions(CAPTION, QUESTIONS, 1);
        CaptionQuestions tooLong = new CaptionQuestions("red circle ".repeat(400), QUESTIONS, 2);
        try (LocalAnswerer answerer = answerer(0, 4, 512)) {
            List<List<Answer>> answers = answerer.answer(List.of(tooLong, fits));
            assertTrue(answers.getFirst().getFirst().failure().orElseThrow().contains("reward.kv_rows gives 512"));
            assertEquals(3, answers.getFirst().size());
            assertTrue(answers.getLast().stream().allMatch(answer -> answer.failure().isEmpty()));
        }
    }

    @Test
    void mostProbableLetterIsThatOfTheWholeSequence() {
        try (LocalAnswerer answerer = answerer(0, 1, 4096)) {
            CaptionQuestions asked = new CaptionQuestions(CAPTION, QUESTIONS, 0);
            for (boolean mustChoose : new boolean[] {true, false}) {
                List<Character> expected = QUESTIONS.stream().map(question -> byFullForward(question, mustChoose)).toList();
                List<LetterLogProbs> found = answerer.letterLogProbs(List.of(asked)).getFirst();
                assertEquals(expected, IntStream.range(0, QUESTIONS.size()).mapToObj(q -> found.get(q).best(QUESTIONS.get(q), mustChoose))
                        .toList());
            }
        }
    }

    @Test
    void aModelWithNaNIsNamedAndItsAnswersAreNotCounted() {
        Tensor head = model.head().value();
        head.segment().setAtIndex(ValueLayout.JAVA_FLOAT, 0, Float.NaN);
        head.markWritten();
        try (LocalAnswerer answerer = answerer(0, 1, 4096)) {
            CaptionQuestions asked = new CaptionQuestions(CAPTION, QUESTIONS, 0);
            String message = assertThrows(RunStoppedException.class, () -> answerer.letterLogProbs(List.of(asked))).getMessage();
            assertTrue(message.contains("qwen2 model") && message.contains("'What colour is the circle?'")
                    && message.contains("NaN"), message);
        }
    }

    private char byFullForward(PosedQuestion question, boolean mustChoose) {
        String text = processor.template().render(List.of(ChatMessage.text("user", prompt.userTurn(CAPTION, question))), true)
                + AnswererPrompt.TURN_START;
        int asked = processor.tokenizer().encode(text).length;
        char best = 'A';
        double bestLogProb = Double.NEGATIVE_INFINITY;
        for (char letter = 'A'; letter <= PosedQuestion.REFUSAL_LETTER; letter++) {
            boolean offered = letter - 'A' < question.options().size() || !mustChoose && letter == PosedQuestion.REFUSAL_LETTER;
            double logProb = logProbFrom(asked, processor.tokenizer().encode(text + " " + letter));
            if (offered && logProb > bestLogProb) {
                best = letter;
                bestLogProb = logProb;
            }
        }
        return best;
    }

    /** Log-prob of the ids from {@code first} on after those before, by one pass without a cache. */
    private double logProbFrom(int first, int[] ids) {
        try (TensorScope scope = new TensorScope(ops.memory())) {
            Pass pass = Pass.inference(ops, scope);
            int n = ids.length;
            CausalLm.Embeddings x = model.embed(pass, scope.ints(ids), List.of(), null);
            Tensor positions = scope.ints(model.positions(ids, List.of()).values()).reshape(1, n);
            Var hidden = model.decode(pass, x, positions, AttentionPlan.causal(n), null);
            Var before = Fn.gatherRows(pass, hidden, scope.ints(IntStream.range(first - 1, n - 1).toArray()));
            Tensor targets = scope.ints(Arrays.copyOfRange(ids, first, n));
            Tensor logProbs = Fn.selectedLogProbs(pass, before, model.head(), targets, 1f).logProb().value();
            float[] values = logProbs.toFloats();
            return IntStream.range(0, n - first).mapToDouble(i -> values[i]).sum();
        }
    }
}
