# SPDX-License-Identifier: Apache-2.0
"""Makes the TorchScript modules of all tests, and silu.pt of org.favstream.actors.engine, with PyTorch
1.13 or newer; in this folder:

    python3 -c "f = 'make_modules.py'; exec(compile(open(f).read(), f, 'exec'))"

(so, for a module keeps the path of its source, and that is nobody's business.)
"""
import math
import os

import torch
from torch import nn

torch.manual_seed(0)
ROOT = os.path.join("..", "..", "..", "..", "..")


def save(module, place, name, resources="test/resources/torchscript"):
    folder = os.path.join(ROOT, place, "src", resources)
    os.makedirs(folder, exist_ok=True)
    torch.jit.script(module).save(os.path.join(folder, name + ".pt"))


class Silu(nn.Module):
    """The engine's own SiLU, which DJL does not call."""

    def forward(self, x):
        return torch.ops.aten.silu(x)


class Parts(nn.Module):
    """Every kind of state: a scalar, a transposed matrix, one that is not trained, a buffer, two names of one."""

    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(torch.tensor(2.0))
        self.weight = nn.Parameter(torch.tensor([[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]]).t())
        self.still = nn.Parameter(torch.tensor([1.0, 10.0]), requires_grad=False)
        self.register_buffer("shift", torch.tensor([0.5, -0.5]))
        self.first = nn.Linear(2, 2, bias=False)
        self.second = nn.Linear(2, 2, bias=False)
        self.first.weight = nn.Parameter(torch.tensor([[1.0, 1.0], [0.0, 1.0]]))
        self.second.weight = self.first.weight
        self.unused = nn.Parameter(torch.tensor([7.0]))
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        return self.dropout(self.second(self.first(x @ self.weight)) * self.gain * self.still + self.shift)


class Picky(nn.Module):
    """Two inputs, no parameters; throws at a negative number."""

    def forward(self, x, y):
        if bool((x < 0).any()):
            raise ValueError("no negative numbers, please")
        return x + y


class Pair(nn.Module):
    def forward(self, x):
        return x, x


class Double(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2, dtype=torch.float64))

    def forward(self, x):
        return x * self.weight


class Mute(nn.Module):
    @torch.jit.export
    def speak(self, x):
        return x


class Wave(nn.Module):
    """A reward with a context: the sum of gain sin(x) + c x."""

    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(torch.tensor(3.0))

    def forward(self, particles, context):
        return (self.gain * torch.sin(particles) + particles * context).sum(1)


class Bowl(nn.Module):
    """A reward without a context; throws beyond 100."""

    def forward(self, particles):
        if bool((particles > 100).any()):
            raise ValueError("a particle lies beyond 100")
        return -(particles * particles).sum(1)


class Heights(nn.Module):
    """A reward that looks at no context, yet takes one."""

    def forward(self, particles, context):
        return particles[:, 0] + context.sum(1)


class Column(nn.Module):
    def forward(self, particles):
        return particles.sum(1, keepdim=True)


class Detached(nn.Module):
    def forward(self, particles):
        return particles.detach().sum(1)


def mlp(sizes):
    layers = []
    for i, o in zip(sizes, sizes[1:]):
        layers += [nn.Linear(i, o), nn.SiLU()]
    return nn.Sequential(*layers[:-1])


class Decoder(nn.Module):
    """What family vae and drift are, without a context."""

    def __init__(self, *sizes):
        super().__init__()
        self.net = mlp(sizes)

    def forward(self, noise):
        return self.net(noise)


class Conditional(nn.Module):
    def __init__(self, *sizes):
        super().__init__()
        self.net = mlp(sizes)

    def forward(self, noise, context):
        return self.net(torch.cat([noise, context], 1))


class Dice(nn.Module):
    """Draws numbers of its own."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2))

    def forward(self, noise):
        return torch.randn_like(noise) * self.weight


class Flat(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2))

    def forward(self, noise):
        return (noise * self.weight).flatten()


class Deaf(nn.Module):
    """Its samples hang on no parameter."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2))

    def forward(self, noise):
        return noise * self.weight.detach()


class Broken(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([1.0, math.nan]))

    def forward(self, noise):
        return noise * self.weight


class Linear(nn.Module):
    """A feature map: one matrix, and numbers of its own that nobody trains."""

    def __init__(self, matrix):
        super().__init__()
        self.matrix = nn.Parameter(torch.tensor(matrix))

    def forward(self, particles):
        return particles @ self.matrix


class Lift(nn.Module):
    """A feature map of 2 numbers into 3."""

    def forward(self, particles):
        x = particles[:, 0:1]
        y = particles[:, 1:2]
        return torch.cat([torch.tanh(x), y, x * y], 1)


class EightGaussiansReward(nn.Module):
    """The toy's reward: the logarithm of the modes' heights, smoothed by a softmax."""

    def __init__(self):
        super().__init__()
        angles = [math.radians(a) for a in (90, 135, 180, 225, 270, 315, 0, 45)]
        radius = 4 / math.sqrt(2)
        self.register_buffer("centres", torch.tensor([[radius * math.cos(a), radius * math.sin(a)] for a in angles]))
        self.register_buffer("heights", torch.arange(8) / 7.0)

    def forward(self, particles, context):
        distances = ((particles.unsqueeze(1) - self.centres) ** 2).sum(2)
        return torch.log(torch.clamp((torch.softmax(-distances, 1) * self.heights).sum(1), min=1e-10))


save(Silu(), "actors", "silu", "main/resources/org/favstream/actors/engine")

save(Parts(), "actors", "parts")
save(Picky(), "actors", "picky")
save(Pair(), "actors", "pair")
save(Double(), "actors", "double")
save(Mute(), "actors", "mute")

save(Wave(), "reward-service", "wave")
save(Bowl(), "reward-service", "bowl")
save(Heights(), "reward-service", "heights")
save(Column(), "reward-service", "column")
save(Detached(), "reward-service", "detached")

for place in ("sampler", "learner"):
    torch.manual_seed(1)
    save(Decoder(3, 5, 4, 2), place, "decoder")
    save(Conditional(5, 5, 4, 2), place, "conditional")
save(Dice(), "sampler", "dice")
save(Flat(), "sampler", "flat")
save(Deaf(), "sampler", "deaf")
save(Broken(), "sampler", "broken")
save(Lift(), "sampler", "lift")
save(Lift(), "learner", "lift")
save(Linear([[1.0, 0.0], [0.0, 1.0]]), "learner", "identity")
c, s = math.cos(0.7), math.sin(0.7)
save(Linear([[c, s], [-s, c]]), "learner", "rotation")

torch.manual_seed(2)
save(Decoder(8, 32, 32, 2), "infra", "toy")
save(EightGaussiansReward(), "infra", "toy-reward")
save(Linear([[c, s], [-s, c]]), "infra", "toy-turn")
