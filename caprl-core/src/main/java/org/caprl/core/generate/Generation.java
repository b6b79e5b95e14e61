package org.caprl.core.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.caprl.core.InputException;
import org.caprl.core.model.CausalLm;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;

/**
 * One call of {@link BatchGenerator#generate}: which branches run, which wait.
 *
 * <p>Requests are admitted in order, and the next one only after all branches of the one before have begun. So of the prompts that hold
 * pages at most one still waits for room, all others come to their end, and the generation can't lock itself up.
 */
final class Generation implements AutoCloseable {
    private final CausalLm model;
    private final TensorOps ops;
    private final PagedKvCache cache;
    private final Prefill prefill;
    private final DecodeBatch decode;
    private final TokenText tokens;
    private final GeneratorLimits limits;
    private final List<GenerationRequest> requests;
    private final long weightVersion;
    private final CausalLm.Positions[] positions;
    private final Caption[][] captions;
    /** Captions of each request that are not complete. */
    private final int[] missing;
    /** Requests that are complete, in the order in which they became so; of these the first {@code told} are known to the listener. */
    private final int[] completed;
    private int completedCount;
    private int told;
    private final TensorScope held;
    private final Branch[] active;
    private final int total;
    private int activeCount;
    private int finished;
    private int next;
    /** The prompt whose branches have not all begun, or null. */
    private SharedPrompt waiting;

    Generation(CausalLm model, TensorOps ops, PagedKvCache cache, Prefill prefill, DecodeBatch decode, TokenText tokens,
            GeneratorLimits limits, Fit fit, List<GenerationRequest> requests, long weightVersion) {
        this.model = model;
        this.ops = ops;
        this.cache = cache;
        this.prefill = prefill;
        this.decode = decode;
        this.tokens = tokens;
        this.limits = limits;
        this.requests = requests;
        this.weightVersion = weightVersion;
        this.positions = new CausalLm.Positions[requests.size()];
        this.captions = new Caption[requests.size()][];
        this.missing = new int[requests.size()];
        this.completed = new int[requests.size()];
        this.held = new TensorScope(ops.memory());
        this.active = new Branch[limits.decodeRows()];
        int branches = 0;
        for (int i = 0; i < captions.length; i++) {
            GenerationRequest request = requests.get(i);
            positions[i] = model.positions(request.prompt().ids(), request.prompt().images());
            captions[i] = new Caption[request.branches()];
            missing[i] = request.branches();
            branches += request.branches();
            fit.misfit(request, positions[i]).ifPresent(reason -> {
                throw new InputException(reason);
            });
        }
        this.total = branches;
    }

    int total() {
        return total;
    }

    int finished() {
        return finished;
    }

    boolean complete() {
        return finished == total;
    }

    /** Lets waiting branches in, then gives every running one a token. */
    void advance() {
        while (admit()) {
            // one prefill pass each
        }
        if (activeCount == 0) {
            return;
        }
        decode.step(active, activeCount);
        int still = 0;
        for (int i = 0; i < activeCount; i++) {
            Branch branch = active[i];
            if (decode.deliver(i, branch)) {
                finish(branch);
            } else {
                active[still++] = branch;
            }
        }
        Arrays.fill(active, still, activeCount, null);
        activeCount = still;
    }

    /** Tells of the requests that have become complete since the last call. */
    void tell(GenerationListener listener) {
        while (told < completedCount) {
            int request = completed[told++];
            listener.completed(request, List.of(captions[request]));
        }
    }

    List<GenerationResult> results() {
        List<GenerationResult> results = new ArrayList<>();
        for (int i = 0; i < captions.length; i++) {
            results.add(new GenerationResult(requests.get(i), List.of(captions[i])));
        }
        return results;
    }

    private void finish(Branch branch) {
        int request = branch.prompt.requestIndex;
        captions[request][branch.index] = branch.caption(weightVersion);
        branch.release();
        finished++;
        if (--missing[request] == 0) {
            completed[completedCount++] = request;
        }
    }

    /** Begins as many branches as rows, pages and one prefill pass allow; false when there were none. */
    private boolean admit() {
        if (activeCount == active.length || waiting == null && next == requests.size()) {
            return false;
        }
        List<SharedPrompt> prompts = new ArrayList<>();
        List<Branch> branches = new ArrayList<>();
        int promptTokens = 0;
        while (activeCount + branches.size() < active.length) {
            if (waiting == null) {
                if (next == requests.size()) {
                    break;
                }
                int length = requests.get(next).prompt().ids().length;
                boolean overBudget = !prompts.isEmpty() && promptTokens + length > limits.prefillTokens();
                int pages = cache.pagesFor(length) + cache.pagesFor(Branch.mostRows(requests.get(next), 0));
                if (overBudget || pages > cache.availablePages()) {
                    break;
                }
                waiting = new SharedPrompt(next, requests.get(next), positions[next], cache.open(length), model.shape().vocab());
                prompts.add(waiting);
                promptTokens += length;
                next++;
            }
            int rows = Branch.mostRows(waiting.request, waiting.begun);
            if (cache.pagesFor(rows) > cache.availablePages()) {
                break;
            }
            branches.add(new Branch(waiting, waiting.begun++, cache.open(rows), tokens));
            if (waiting.begun == waiting.request.branches()) {
                waiting.span.release();
                waiting = null;
            }
        }
        if (branches.isEmpty()) {
            return false;
        }
        begin(prompts, branches);
        return true;
    }

    /** Prefills new prompts and suffixes, and draws the first token of each new branch. */
    private void begin(List<SharedPrompt> prompts, List<Branch> branches) {
        for (Branch branch : branches) {
            active[activeCount++] = branch;
        }
        try (TensorScope scope = new TensorScope(ops.memory())) {
            FirstRows rows = new FirstRows(branches);
            // One pass for all where the budget allows it.
            boolean together = Prefill.promptTokens(prompts) + Prefill.suffixTokens(rows.suffixed) <= limits.prefillTokens();
            Tensor suffixHidden = null;
            if (!prompts.isEmpty()) {
                Tensor last = prefill.run(scope, prompts, together ? rows.suffixed : List.of());
                for (int i = 0; i < prompts.size(); i++) {
                    prompts.get(i).lastHidden = last.rows(i, i + 1);
                }
                suffixHidden = together ? last.rows(prompts.size(), last.rowCount()) : null;
            }
            Tensor hidden = scope.floats(rows.count, model.shape().hidden());
            for (int i = 0; i < rows.sharing.size(); i++) {
                ops.copy(rows.sharing.get(i).lastHidden, hidden.rows(i, i + 1));
            }
            int at = rows.sharing.size();
            if (suffixHidden != null) {
                ops.copy(suffixHidden, hidden.rows(at, rows.count));
            } else {
                for (List<Branch> pass : Prefill.underBudget(rows.suffixed, b -> b.suffix.length, limits.prefillTokens())) {
                    ops.copy(prefill.run(scope, List.of(), pass), hidden.rows(at, at + pass.size()));
                    at += pass.size();
                }
            }
            Tensor logits = scope.floats(rows.count, model.shape().vocab());
            ops.linear(hidden, model.head().value(), null, logits);
            Branch[] fresh = branches.toArray(Branch[]::new);
            decode.sampleFirst(fresh, fresh.length, logits, scope.ints(rows.ofBranch));
            keepForLater(prompts);
        }
        deliverFirst(branches);
    }

    /** A prompt with branches still to begin keeps its last hidden row; the others' goes with the scope. */
    private void keepForLater(List<SharedPrompt> prompts) {
        for (SharedPrompt prompt : prompts) {
            Tensor row = prompt.lastHidden;
            prompt.lastHidden = null;
            if (prompt == waiting) {
                prompt.lastHidden = held.floats(1, model.shape().hidden());
                ops.copy(row, prompt.lastHidden);
            }
        }
    }

    private void deliverFirst(List<Branch> branches) {
        int first = activeCount - branches.size();
        int still = first;
        for (int i = 0; i < branches.size(); i++) {
            Branch branch = branches.get(i);
            if (decode.deliver(i, branch)) {
                finish(branch);
            } else {
                active[still++] = branch;
            }
        }
        Arrays.fill(active, still, activeCount, null);
        activeCount = still;
    }

    /** Which row of hidden states gives each new branch its first token: one row a prompt, and one a branch with a suffix. */
    private static final class FirstRows {
        private final List<SharedPrompt> sharing = new ArrayList<>();
        private final List<Branch> suffixed = new ArrayList<>();
        private final int[] ofBranch;
        private final int count;

        FirstRows(List<Branch> branches) {
            for (Branch b : branches) {
                if (b.suffix.length > 0) {
                    suffixed.add(b);
                } else if (sharing.isEmpty() || sharing.getLast() != b.prompt) {
                    sharing.add(b.prompt);
                }
            }
            ofBranch = new int[branches.size()];
            int prompt = -1;
            int suffix = sharing.size();
            for (int i = 0; i < ofBranch.length; i++) {
                Branch b = branches.get(i);
                if (b.suffix.length > 0) {
                    ofBranch[i] = suffix++;
                } else {
                    if (prompt < 0 || sharing.get(prompt) != b.prompt) {
                        prompt++;
                    }
                    ofBranch[i] = prompt;
                }
            }
            count = suffix;
        }
    }

    /** Gives back whatever is still held, which after a failure may be much. */
    @Override
    public void close() {
        for (int i = 0; i < activeCount; i++) {
            active[i].release();
        }
        activeCount = 0;
        if (waiting != null) {
            waiting.span.release();
            waiting = null;
        }
        decode.clear();
        held.close();
    }
}
