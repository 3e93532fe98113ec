"""The compiled trainer, for dense networks on a processor; nothing outside imports its parts."""

from ricci_flow.networks.trainers.fused.trainer import FusedTrainer

TRAINER = FusedTrainer
