#!/usr/bin/env python3
"""Makes golden data of a checkpoint with transformers, for `caprl parity`.

    python scripts/make_golden.py MODEL OUT [--family NAME]
    ./caprl parity OUT

MODEL is a Hugging Face folder of a text model, or of a Qwen2.5-VL, Qwen3-VL or InternVL model. OUT gets NAME/checkpoint (a copy of MODEL,
or a link with --link), NAME/cases/CASE/{meta.json, tensors.safetensors, grads.safetensors}, images/ and adamw_noise.json. Everything is
computed on the CPU in float32 with eager attention. Needs torch, torchvision, transformers 5, safetensors and Pillow; memory: about six
times the float32 weights for the gradient cases (--no-gradients leaves them out).
"""
import argparse
import json
import shutil
from pathlib import Path

import torch
from PIL import Image, ImageDraw, ImageOps
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText, AutoProcessor, AutoTokenizer, GenerationConfig

ADAMW = {"lr": 1e-3, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.01, "steps": 3}
NOISE_LEVEL = 1e-6  # of the norm of all gradients
PENALTY = 1.05
QUESTION = "How many objects are there, 1, 2 or 3?"


def text(value):
    return {"type": "text", "text": value}


def image(name):
    return {"type": "image", "image": name}


def user(*parts):
    return [{"role": "user", "content": parts[0] if isinstance(parts[0], str) else list(parts)}]


VISION_CASES = {  # the first one has full gradients, the AdamW run and every layer's input
    "single": (user(image("chart.png"), text("What is shown in the chart? A. bars B. a cat\nAnswer with a letter.")), "The answer is A."),
    "multi": ([{"role": "system", "content": "You are a careful assistant."}]
              + user(image("gray.png"), image("rgba.png"), text("Compare the two images; 图片 里 有 什么 ？")), "Both are small."),
    "multiturn": (user(text("Hi!")) + [{"role": "assistant", "content": [text("Hello.")]}]
                  + user(text("Look: "), image("palette.png"), text(QUESTION)), "Two."),
    "exif": (user(text("Before "), image("exif_rot.jpg"), text(" after.")), "rotated"),
    "text": (user("No picture here: " + QUESTION), "None."),
}
VISION_BATCH = [user(image("shapes.png"), text("Short?")),
                user(image("gradient.png"), text("A longer question about this picture, please describe it in detail."), image("tiny.png")),
                user(text("Only text in this row of the batch.")), user(image("chart.png"), text("Bars?"))]
TEXT_CASES = {
    "chat": (user("What colour is the circle? A. red B. blue"), "The answer is A."),
    "system_multiturn": ([{"role": "system", "content": "Answer with one letter."}] + user("Hi!")
                         + [{"role": "assistant", "content": "Hello."}] + user(QUESTION), "B"),
    "raw": ("The quick brown fox   jumps over\n\n\tthe lazy dog's tail, isn't it? 12345 é", " Yes, it is."),
    "long": (" ".join(f"Line {i}: value {i * i}." for i in range(24)), " End."),
}
TEXT_BATCH = ["Hi", "A somewhat longer prompt that has many more tokens than the first one does.", "Three words here", "1 2 3 4 5 6 7 8 9"]


def draw_images(folder, seed):
    """A few small images in the modes and with the orientations that image loading must get right."""
    folder.mkdir(parents=True, exist_ok=True)
    random = torch.Generator().manual_seed(seed)

    def number(low, high):
        return int(torch.randint(low, high, (1,), generator=random))

    def scene(width, height):
        picture = Image.new("RGB", (width, height), tuple(number(150, 256) for _ in range(3)))
        draw = ImageDraw.Draw(picture)
        for _ in range(4):
            x, y, side = number(0, width - 10), number(0, height - 10), number(8, 40)
            colour = tuple(number(0, 256) for _ in range(3))
            (draw.ellipse if number(0, 2) else draw.rectangle)((x, y, x + side, y + side), fill=colour)
        return picture

    noise = torch.randint(0, 256, (number(100, 160), number(150, 220), 3), generator=random, dtype=torch.uint8)
    scene(number(90, 140), number(70, 110)).save(folder / "shapes.png")
    scene(number(180, 260), number(120, 200)).save(folder / "chart.png")
    Image.fromarray(noise.numpy()).save(folder / "gradient.png")
    scene(number(60, 90), number(90, 120)).convert("L").save(folder / "gray.png")
    rgba = scene(number(60, 120), number(60, 120)).convert("RGBA")
    rgba.putalpha(Image.linear_gradient("L").resize(rgba.size))
    rgba.save(folder / "rgba.png")
    scene(number(60, 120), number(60, 120)).convert("P", palette=Image.Palette.ADAPTIVE, colors=16).save(folder / "palette.png")
    scene(number(20, 30), number(20, 30)).save(folder / "tiny.png")
    turned = scene(number(100, 140), number(60, 90))
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(folder / "exif_rot.jpg", exif=exif, quality=95)


class Subject:
    """A checkpoint as transformers computes it."""

    def __init__(self, folder, attention="eager"):
        self.folder = folder
        self.config = AutoConfig.from_pretrained(folder)
        self.sees = getattr(self.config, "vision_config", None) is not None
        model_class = AutoModelForImageTextToText if self.sees else AutoModelForCausalLM
        self.model = model_class.from_pretrained(folder, dtype=torch.float32, attn_implementation=attention).eval()
        stored = self.model.generation_config
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.eos = stored.eos_token_id if stored.eos_token_id is not None else self.tokenizer.eos_token_id
        self.eos = self.eos if isinstance(self.eos, list) else [self.eos]
        self.pad = self.tokenizer.pad_token_id if self.tokenizer.pad_token_id is not None else self.eos[0]
        self.model.generation_config = GenerationConfig()  # nothing of the checkpoint's sampling settings
        self.processor = AutoProcessor.from_pretrained(folder) if self.sees else None

    def prompt_text(self, prompt):
        if isinstance(prompt, str):
            return prompt
        return (self.processor or self.tokenizer).apply_chat_template(prompt, tokenize=False, add_generation_prompt=True)

    def inputs(self, texts, pictures):
        if self.sees:
            self.processor.tokenizer.padding_side = "left"
            return dict(self.processor(text=texts, images=pictures or None, padding=True, return_tensors="pt"))
        self.tokenizer.padding_side = "left"
        if len(texts) > 1 and self.tokenizer.pad_token_id is None:
            self.tokenizer.pad_token_id = self.pad
        return dict(self.tokenizer(texts, padding=len(texts) > 1, return_tensors="pt"))

    def expanded(self, prompt_text, inputs):
        """The prompt with each image token repeated as often as the image has rows."""
        if "image_grid_thw" not in inputs:
            return self.tokenizer.decode(inputs["input_ids"][0]) if "pixel_values" in inputs else prompt_text
        token = self.tokenizer.decode([self.config.image_token_id])
        pieces = prompt_text.split(token)
        unit = self.config.vision_config.spatial_merge_size ** 2
        counts = [int(grid.prod()) // unit for grid in inputs["image_grid_thw"]]
        return pieces[0] + "".join(token * n + piece for n, piece in zip(counts, pieces[1:]))

    def completed(self, inputs, completion):
        """Inputs with the completion's ids appended."""
        extra = torch.tensor([completion])
        longer = dict(inputs)
        longer["input_ids"] = torch.cat([inputs["input_ids"], extra], 1)
        longer["attention_mask"] = torch.ones_like(longer["input_ids"])
        if "mm_token_type_ids" in inputs:
            longer["mm_token_type_ids"] = torch.cat([inputs["mm_token_type_ids"], torch.zeros_like(extra)], 1)
        return longer

    def positions(self, inputs):
        return self.model.model.get_rope_index(inputs["input_ids"], mm_token_type_ids=inputs["mm_token_type_ids"],
                                               image_grid_thw=inputs.get("image_grid_thw"), attention_mask=inputs["attention_mask"])

    def log_softmax(self, inputs, completion):
        """Log-probabilities of the next token at the places of the completion, [len(completion), vocab]."""
        logits = self.model(**self.completed(inputs, completion), use_cache=False).logits[0]
        return torch.log_softmax(logits[-len(completion) - 1:-1], -1)

    def loss(self, inputs, completion):
        return -self.log_softmax(inputs, completion)[range(len(completion)), completion].mean()


def watch_vision(visual, seen):
    """Hooks that keep the outputs of the vision tower's parts; Qwen2.5-VL's blocks and merger input are in window order."""
    def keep(name):
        return lambda module, given, out: seen.__setitem__(name, (out[0] if isinstance(out, tuple) else out).detach())

    hooks = [visual.patch_embed.register_forward_hook(keep("vision.patch_embed"))]
    hooks += [block.register_forward_hook(keep(f"vision.block{i}")) for i, block in enumerate(visual.blocks)]
    hooks += [merger.register_forward_hook(keep(f"vision.deepstack{i}"))
              for i, merger in enumerate(getattr(visual, "deepstack_merger_list", []))]
    hooks.append(visual.merger.register_forward_pre_hook(
        lambda module, given: seen.__setitem__("vision.before_merger", given[0].detach())))
    hooks.append(visual.merger.register_forward_hook(keep("merged")))
    return hooks


def watch_tiles(model, seen):
    """The same of InternVL's vision tower and projector."""
    def keep(name):
        return lambda module, given, out: seen.__setitem__(name, getattr(out, "last_hidden_state", out).detach())

    tower, projector = model.vision_tower, model.multi_modal_projector
    hooks = [tower.embeddings.register_forward_hook(keep("vision.embeddings")), tower.register_forward_hook(keep("vision.before_merger")),
             projector.register_forward_hook(keep("vision.after_merger"))]
    hooks += [block.register_forward_hook(keep(f"vision.block{i}")) for i, block in enumerate(tower.encoder.layer)]
    hooks.append(projector.register_forward_pre_hook(
        lambda module, given: seen.__setitem__("vision.pixel_shuffled", given[0].detach())))
    return hooks


def window_order(config, grids):
    from transformers.vision_utils import get_vision_window_index
    v = config.vision_config
    return get_vision_window_index(grids, spatial_merge_size=v.spatial_merge_size, window_size=v.window_size,
                                   patch_size=v.patch_size)


def forward(subject, inputs, every_layer, last):
    """What a forward pass over the prompt computes; all logits where `last` is None, else those of the last tokens."""
    tensors = {}
    seen, hooks = {}, []
    windowed = subject.config.model_type == "qwen2_5_vl"
    if subject.config.model_type in ("qwen2_5_vl", "qwen3_vl") and "pixel_values" in inputs:
        hooks = watch_vision(subject.model.model.visual, seen)
    elif subject.config.model_type == "internvl" and "pixel_values" in inputs:
        hooks = watch_tiles(subject.model.model, seen)
    with torch.no_grad():
        out = subject.model(**inputs, output_hidden_states=True, use_cache=False)
    for hook in hooks:
        hook.remove()
    if windowed and seen:
        index, ends = window_order(subject.config, inputs["image_grid_thw"])
        tensors["vision.window_index"], tensors["vision.cu_window_seqlens"] = index, ends
        seen["vision.after_merger"] = seen.pop("merged")[torch.argsort(index)]
    elif "merged" in seen:
        seen["vision.after_merger"] = seen.pop("merged")
    tensors.update(seen)
    layers = len(out.hidden_states) - 1
    if every_layer:
        tensors.update({f"hidden_states.{i}": out.hidden_states[i] for i in range(layers)})
    tensors["hidden_states_final_normed"] = out.hidden_states[layers]
    if last is None:
        tensors["logits"] = out.logits
    else:
        tensors[f"logits_last{last}"] = out.logits[:, -last:]
    return tensors


def generate(subject, inputs, tokens, penalty=1.0, eos=None):
    config = GenerationConfig(do_sample=False, max_new_tokens=tokens, eos_token_id=eos, pad_token_id=subject.pad,
                              repetition_penalty=penalty, return_dict_in_generate=True, output_scores=True, output_logits=True)
    with torch.no_grad():
        out = subject.model.generate(**inputs, generation_config=config)
    ids = out.sequences[:, inputs["input_ids"].shape[1]:]
    best = torch.stack(out.scores, 1).topk(2, -1)  # [B, T, 2]
    return ids, best.values[..., 0] - best.values[..., 1], best.indices, torch.stack(out.logits, 1)


def generations(subject, inputs, tokens, meta):
    """Greedy continuations: plain, with a penalty, and ended by a token that the plain one has at its tenth place."""
    tensors = {}
    alone = inputs["input_ids"].shape[0] == 1
    for name, penalty in (("greedy", 1.0), (f"greedy_rep{round(PENALTY * 100)}", PENALTY)):
        ids, gap, best, logits = generate(subject, inputs, tokens, penalty)
        found = {"ids": ids, "gap": gap, "top2": best, "first_logits": logits[:, 0], "last_logits": logits[:, -1]}
        tensors.update({f"gen.{name}.{k}": v[0] if alone else v for k, v in found.items()})
        texts = [subject.tokenizer.decode(row) for row in ids]
        meta[f"{name}_text" if alone else f"{name}_texts"] = texts[0] if alone else texts
        meta[f"{name}_min_gap"] = float(gap.min())
    greedy = tensors["gen.greedy.ids"].reshape(inputs["input_ids"].shape[0], -1)
    meta["gen.stop.eos_token_id"] = [int(greedy[0, min(9, tokens - 1)])] + subject.eos
    stopped = generate(subject, inputs, tokens, eos=meta["gen.stop.eos_token_id"])[0]
    tensors["gen.stop.ids"] = stopped[0] if alone else stopped
    return tensors


def adamw(model, loss):
    """Losses before each step and after the last."""
    start = {name: p.detach().clone() for name, p in model.named_parameters()}
    numbers = {k: v for k, v in ADAMW.items() if k != "steps"}
    optimizer = torch.optim.AdamW(model.parameters(), **{**numbers, "betas": tuple(numbers["betas"])})
    losses = []
    for _ in range(ADAMW["steps"]):
        optimizer.zero_grad()
        value = loss()
        value.backward()
        losses.append(value.item())
        optimizer.step()
    with torch.no_grad():
        losses.append(loss().item())
        for name, p in model.named_parameters():
            p.copy_(start[name])
    model.zero_grad()
    return losses


def gradients(subject, inputs, completion, full, meta):
    subject.model.zero_grad()
    subject.loss(inputs, completion).backward()
    tensors, norms = {}, {}
    for name, p in subject.model.named_parameters():
        norms[name] = None if p.grad is None else p.grad.norm().item()
        if p.grad is not None:
            tensors[name] = p.grad.clone() if full else p.grad.flatten()[:16].clone()
    total = sum(n * n for n in norms.values() if n is not None) ** 0.5
    meta.update(grad_norms=norms, grad_total_norm=total,
                grads="all parameters, full tensors" if full else "first 16 values (row-major) of each parameter + norms",
                params_with_noise_level_gradient=[k for k, n in norms.items() if n is not None and n <= NOISE_LEVEL * total])
    subject.model.zero_grad()
    return tensors


def open_images(folder, names, turned):
    pictures = [Image.open(folder / name) for name in names]
    return [ImageOps.exif_transpose(p) for p in pictures] if turned else pictures


def image_names(messages):
    return [] if isinstance(messages, str) else [part["image"] for m in messages if isinstance(m["content"], list)
                                                 for part in m["content"] if part["type"] == "image"]


def write(folder, meta, tensors, grads=None):
    folder.mkdir(parents=True, exist_ok=True)
    meta["tensors"] = {k: list(v.shape) for k, v in tensors.items()}
    save_file({k: v.detach().clone().contiguous() for k, v in tensors.items()}, folder / "tensors.safetensors")
    if grads is not None:
        save_file(grads, folder / "grads.safetensors")
    (folder / "meta.json").write_text(json.dumps(meta, indent=1, ensure_ascii=False), encoding="utf-8")


def one_case(subject, out, family, name, prompt, answer, options):
    """A prompt alone. Returns the AdamW losses where they were computed."""
    full = name in ("single", "chat")
    turned = name == "exif"
    names = image_names(prompt)
    prompt_text = subject.prompt_text(prompt)
    inputs = subject.inputs([prompt_text], open_images(out / "images", names, turned))
    completion_text = answer + (subject.tokenizer.eos_token or "")
    completion = subject.tokenizer(completion_text, add_special_tokens=False)["input_ids"]
    meta = {"family": family, "case": name, "checkpoint": f"{family}/checkpoint", "attn_implementation": "eager", "dtype": "float32",
            "messages": None if isinstance(prompt, str) else prompt, "image_files": names,
            "image_loading": "exif_transposed" if turned else "PIL.Image.open (EXIF orientation NOT applied)",
            "prompt_text": prompt_text, "expanded_text": subject.expanded(prompt_text, inputs), "completion_text": completion_text,
            "completion_ids": completion, "prompt_len": inputs["input_ids"].shape[1]}
    tensors = {f"input.{k}": v for k, v in inputs.items()}
    if subject.sees and "mm_token_type_ids" in inputs:
        tensors["position_ids"], tensors["rope_deltas"] = subject.positions(inputs)
        if "image_grid_thw" in inputs:
            tensors["position_ids_with_completion"] = subject.positions(subject.completed(inputs, completion))[0]
    tensors.update(forward(subject, inputs, full, None if full or name in ("text", "raw") else 24))
    with torch.no_grad():
        log_p = subject.log_softmax(inputs, completion)
    tensors["completion_ids"] = torch.tensor(completion)
    tensors["completion_logprobs"] = log_p[range(len(completion)), completion]
    tensors["completion_entropy"] = -(log_p.exp() * log_p).sum(-1)
    meta["completion_mean_nll"] = -tensors["completion_logprobs"].mean().item()
    tensors.update(generations(subject, inputs, options.tokens, meta))
    grads = losses = None
    if options.gradients:
        grads = gradients(subject, inputs, completion, full, meta)
        if full:
            losses = adamw(subject.model, lambda: subject.loss(inputs, completion))
            meta["adamw"] = {**ADAMW, "losses_before_each_step_and_final": losses}
    write(out / family / "cases" / name, meta, tensors, grads)
    return None if losses is None else (inputs, completion, losses)


def batch_case(subject, out, family, prompts, options):
    """Several prompts, padded on the left, and each of them alone."""
    texts = [subject.prompt_text(p) for p in prompts]
    per_row = [image_names(p) for p in prompts]
    inputs = subject.inputs(texts, open_images(out / "images", sum(per_row, []), False))
    meta = {"family": family, "case": "batch", "checkpoint": f"{family}/checkpoint", "padding_side": "left", "prompt_texts": texts,
            "messages": None if isinstance(prompts[0], str) else prompts, "pad_token_id": subject.pad, "attn_implementation": "eager"}
    tensors = {f"input.{k}": v for k, v in inputs.items()}
    if subject.sees and "mm_token_type_ids" in inputs:
        tensors["position_ids"], tensors["rope_deltas"] = subject.positions(inputs)
    with torch.no_grad():
        logits = generate(subject, inputs, 1)[3]  # generation sets positions of padded rows right
    tensors["last_logits"] = logits[:, 0]
    tensors.update(generations(subject, inputs, options.tokens, meta))
    for row, text_of_row in enumerate(texts):
        own = subject.inputs([text_of_row], open_images(out / "images", per_row[row], False))
        ids, _, _, logits = generate(subject, own, options.tokens)
        tensors[f"unbatched.{row}.greedy_ids"] = ids[0]
        tensors[f"unbatched.{row}.last_logits"] = logits[0, 0]
    write(out / family / "cases" / "batch", meta, tensors)


def note_adamw_noise(out, family, folder, inputs, completion, eager):
    """The same AdamW run with another attention implementation: how far losses differ by rounding alone."""
    other = Subject(folder, "sdpa")
    losses = adamw(other.model, lambda: other.loss(inputs, completion))
    file = out / "adamw_noise.json"
    noise = json.loads(file.read_text()) if file.exists() else {}
    noise[family] = {"losses_eager": eager, "losses_sdpa": losses, "abs_diff": [abs(a - b) for a, b in zip(eager, losses)]}
    file.write_text(json.dumps(noise, indent=1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="Hugging Face folder")
    parser.add_argument("out", type=Path, help="folder of golden data; families that it has stay")
    parser.add_argument("--family", help="name of the family's folder; the model_type by default")
    parser.add_argument("--tokens", type=int, default=48, help="length of the greedy continuations")
    parser.add_argument("--seed", type=int, default=0, help="seed of the drawn images")
    parser.add_argument("--no-gradients", dest="gradients", action="store_false", help="no gradients and no AdamW run")
    parser.add_argument("--link", action="store_true", help="link to MODEL instead of copying it")
    options = parser.parse_args()
    torch.manual_seed(0)
    subject = Subject(options.model)
    family = options.family or subject.config.model_type
    folder = options.out / family
    if folder.exists():
        parser.error(f"{folder} exists; give another --family or remove it")
    if not (options.out / "images").exists():
        draw_images(options.out / "images", options.seed)
    folder.mkdir(parents=True)
    if options.link:
        (folder / "checkpoint").symlink_to(options.model.resolve(), target_is_directory=True)
    else:
        shutil.copytree(options.model, folder / "checkpoint", ignore=shutil.ignore_patterns(".git*"))
    chats = (subject.processor or subject.tokenizer).chat_template is not None
    for name, (prompt, answer) in (VISION_CASES if subject.sees else TEXT_CASES).items():
        if chats or isinstance(prompt, str):
            print(name, flush=True)
            computed = one_case(subject, options.out, family, name, prompt, answer, options)
            if computed:
                note_adamw_noise(options.out, family, options.model, *computed)
    print("batch", flush=True)
    batch_case(subject, options.out, family, VISION_BATCH if subject.sees else TEXT_BATCH, options)
    (folder / "info.json").write_text(json.dumps({"family": family, "model_class": type(subject.model).__name__,
                                                  "n_params": subject.model.num_parameters()}, indent=1))


if __name__ == "__main__":
    main()
