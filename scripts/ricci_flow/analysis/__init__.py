"""Stage 7: from coefficients of networks to statements about the study, without the claims."""
