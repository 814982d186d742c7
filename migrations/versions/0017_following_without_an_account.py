"""following a problem without an account

Revision ID: 0017
Revises: 0016
Create Date: 2026-11-30 07:10:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('code_guesses',
    sa.Column('key_hash', sa.String(length=64), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('last_at', sa.DateTime(), nullable=False),
    sa.Column('locked_until', sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint('key_hash', name=op.f('pk_code_guesses'))
    )
    with op.batch_alter_table('code_guesses', schema=None) as batch_op:
        batch_op.create_index('ix_code_guesses_last_at', ['last_at'], unique=False)

    with op.batch_alter_table('enterprises', schema=None) as batch_op:
        batch_op.add_column(sa.Column('quiet', sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table('enterprises', schema=None) as batch_op:
        batch_op.alter_column('quiet', existing_type=sa.Boolean(), server_default=None)


def downgrade():
    with op.batch_alter_table('enterprises', schema=None) as batch_op:
        batch_op.drop_column('quiet')

    with op.batch_alter_table('code_guesses', schema=None) as batch_op:
        batch_op.drop_index('ix_code_guesses_last_at')
    op.drop_table('code_guesses')
